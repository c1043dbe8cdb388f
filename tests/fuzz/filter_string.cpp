// Whatever text a search has, parsing it gives a tree or says what is wrong with it; a tree is
// either typed for a resource type or refused, and typed filters hold what drivers are promised.
#include <cmath>
#include <cstdlib>
#include <string_view>

#include "core/index/filter_binding.h"
#include "core/index/filter_string.h"
#include "gnocchi/error.h"

namespace {

using gnocchi::Filter;

void require(bool holds) {
  if (!holds) std::abort();
}

const gnocchi::ResourceType& type() {
  static const gnocchi::ResourceType kType = [] {
    gnocchi::ResourceType made;
    made.name = "t";
    made.attributes["s"].type = gnocchi::AttributeType::string;
    made.attributes["n"].type = gnocchi::AttributeType::number;
    made.attributes["b"].type = gnocchi::AttributeType::boolean;
    made.attributes["d"].type = gnocchi::AttributeType::datetime;
    made.attributes["u"].type = gnocchi::AttributeType::uuid;
    return made;
  }();
  return kType;
}

void check(const Filter& filter, int level) {
  require(level <= gnocchi::index::kMaxFilterLevels);
  switch (filter.op) {
    case Filter::Op::negate: require(filter.children.size() == 1); [[fallthrough]];
    case Filter::Op::all_of:
    case Filter::Op::any_of:
      require(filter.field.empty() && filter.values.empty());
      for (const Filter& child : filter.children) check(child, level + 1);
      return;
    case Filter::Op::in: require(!filter.values.empty()); break;
    default: require(filter.values.size() == 1);
  }
  require(!filter.field.empty() && filter.children.empty());
  for (const auto& value : filter.values) {
    const auto* number = std::get_if<double>(&value);
    require(number == nullptr || std::isfinite(*number));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const auto tree = gnocchi::index::parse_filter(text);
    check(gnocchi::index::bind_filter(
              tree, {type(), "creator", gnocchi::Timestamp{std::chrono::hours{500'000}}, true}),
          1);
  } catch (const gnocchi::Refused& fault) {
    require(*fault.what() != '\0');
  }
  return 0;
}
