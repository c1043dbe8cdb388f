#include "core/index/resource_id.h"

#include <Poco/SHA1Engine.h>

#include <algorithm>

#include "gnocchi/error.h"

namespace gnocchi::index {
namespace {

// Part of every stored id; must never change: 0a7a15ff-aa13-4ac2-897c-9bdf30ce175b.
constexpr Uuid kNamespace{{0x0a, 0x7a, 0x15, 0xff, 0xaa, 0x13, 0x4a, 0xc2,  //
                           0x89, 0x7c, 0x9b, 0xdf, 0x30, 0xce, 0x17, 0x5b}};
constexpr std::size_t kMaxCharacters = 289;  // Gnocchi 4.7; 255 before

ResourceId hash(std::string_view name, const IdRules& rules) {
  Poco::SHA1Engine engine;
  engine.update(kNamespace.bytes.data(), kNamespace.bytes.size());
  engine.update(name.data(), name.size());
  if (rules.scheme == IdScheme::with_creator) {
    engine.update('\0');
    engine.update(rules.creator.data(), rules.creator.size());
  }
  const auto& digest = engine.digest();
  Uuid id;
  std::copy_n(digest.begin(), id.bytes.size(), id.bytes.begin());
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x50);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);
  return ResourceId(id);
}

[[noreturn]] void refuse_id(const char* reason) {
  throw Refused(Refused::Reason::invalid_value, Refused::Subject::resource, reason);
}

}  // namespace

std::size_t count_characters(std::string_view utf8) noexcept {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

ResourceId resource_id(std::string_view original, const IdRules& rules) {
  if (rules.scheme == IdScheme::with_creator && original.find('/') != std::string_view::npos) {
    refuse_id("'/' is not supported in resource id");
  }
  if (const auto literal = Uuid::parse(original)) return ResourceId(*literal);
  if (count_characters(original) > kMaxCharacters) {
    // The sentence of Gnocchi up to 4.6, whatever the limit.
    refuse_id("transformable resource id >255 max allowed characters");
  }
  return hash(original, rules);
}

IdCandidates id_candidates(std::string_view original, const IdRules& rules) {
  IdCandidates candidates{resource_id(original, rules), std::nullopt};
  if (Uuid::parse(original)) return candidates;
  const IdScheme other =
      rules.scheme == IdScheme::with_creator ? IdScheme::without_creator : IdScheme::with_creator;
  candidates.other = hash(original, {rules.creator, other});
  return candidates;
}

}  // namespace gnocchi::index
