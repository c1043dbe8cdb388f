#pragma once

#include <concepts>
#include <optional>
#include <string_view>

#include "gnocchi/types.h"

namespace gnocchi::index {

/// How a name that is no UUID becomes the id of a resource ([api] resource_id_scheme).
enum class IdScheme {
  with_creator,     ///< Gnocchi 3.1 and later: two creators may use one name; no '/' in it
  without_creator,  ///< Gnocchi 3.0: a name is one resource, whoever uses it
};

/// Whose names they are, and the scheme in force.
struct IdRules {
  template <std::convertible_to<std::string_view> Text>
  // A creator alone stands for the rules that hold by default. NOLINTNEXTLINE(*-explicit-*)
  IdRules(const Text& whose, IdScheme which = IdScheme::with_creator)
      : creator(whose), scheme(which) {}

  std::string_view creator;
  IdScheme scheme;
};

/// The ids that a client may mean by a text.
struct IdCandidates {
  ResourceId id;                    ///< the one under which such a resource is stored
  std::optional<ResourceId> other;  ///< that of the other scheme; none for a UUID
};

/// The id to store under: a UUID stands for itself, any other text for a name-based one (version
/// 5). Throws Refused{invalid_value, resource} for names over 289 characters and, but for 3.0, with
/// '/'.
ResourceId resource_id(std::string_view original, const IdRules& rules);

/// All of them. Throws as resource_id does.
IdCandidates id_candidates(std::string_view original, const IdRules& rules);

/// Characters, not bytes, of a UTF-8 text.
std::size_t count_characters(std::string_view utf8) noexcept;

}  // namespace gnocchi::index
