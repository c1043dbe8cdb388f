#include "api/filter_json.h"

#include <array>
#include <utility>

#include "api/resource_ids.h"
#include "api/resource_json.h"
#include "core/index/filter_string.h"
#include "core/index/resource_id.h"
#include "gnocchi/error.h"

namespace gnocchi::api {
namespace {

using index::FilterTree;
using Op = Filter::Op;

constexpr std::array<std::pair<std::string_view, Op>, 23> kOperators{{
    {"=", Op::eq},
    {"==", Op::eq},
    {"eq", Op::eq},
    {"!=", Op::ne},
    {"ne", Op::ne},
    {"\xe2\x89\xa0", Op::ne},
    {"<", Op::lt},
    {"lt", Op::lt},
    {">", Op::gt},
    {"gt", Op::gt},
    {"<=", Op::le},
    {"le", Op::le},
    {"\xe2\x89\xa4", Op::le},
    {">=", Op::ge},
    {"ge", Op::ge},
    {"\xe2\x89\xa5", Op::ge},
    {"like", Op::like},
    {"in", Op::in},
    {"and", Op::all_of},
    {"\xe2\x88\xa7", Op::all_of},
    {"or", Op::any_of},
    {"\xe2\x88\xa8", Op::any_of},
    {"not", Op::negate},
}};

std::string_view name_of(const rapidjson::Value::Member& member) {
  return {member.name.GetString(), member.name.GetStringLength()};
}

/// Walks a document with the path to where it is, for the sentence of a refusal.
class FilterReader {
 public:
  explicit FilterReader(const index::IdRules& rules) : rules_(rules) {}

  FilterTree read(const rapidjson::Value& json) {
    if (path_.size() > 2 * index::kMaxFilterDepth) refuse("filter nested too deep");
    if (!json.IsObject()) refuse("expected a dictionary");
    if (json.MemberCount() == 0) throw HttpError(400, "Unable to parse this query");
    if (json.MemberCount() > 1) refuse("length of value must be at most 1");
    const auto& member = *json.MemberBegin();
    const std::string_view name = name_of(member);
    path_.push_back({std::string(name), false});
    FilterTree tree;
    tree.op = operator_of(name);
    switch (tree.op) {
      case Op::all_of:
      case Op::any_of: read_children(member.value, tree); break;
      case Op::negate: tree.children.push_back(read(member.value)); break;
      default: read_condition(member.value, tree);
    }
    path_.pop_back();
    return tree;
  }

 private:
  Op operator_of(std::string_view name) {
    for (const auto& [known, op] : kOperators) {
      if (known == name) return op;
    }
    throw invalid_input("extra keys not allowed", path_);
  }

  void read_children(const rapidjson::Value& json, FilterTree& tree) {
    if (!json.IsArray()) refuse("expected a list");
    if (json.Empty()) refuse("length of value must be at least 1");
    for (rapidjson::SizeType i = 0; i < json.Size(); ++i) {
      path_.push_back({std::to_string(i), true});
      tree.children.push_back(read(json[i]));
      path_.pop_back();
    }
  }

  void read_condition(const rapidjson::Value& json, FilterTree& tree) {
    if (!json.IsObject()) refuse("expected a dictionary");
    if (json.MemberCount() == 0) refuse("length of value must be at least 1");
    if (json.MemberCount() > 1) refuse("length of value must be at most 1");
    const auto& member = *json.MemberBegin();
    tree.field = name_of(member);
    path_.push_back({tree.field, false});
    if (tree.op == Op::like && tree.field == "id") {
      throw invalid_input("extra keys not allowed", path_);
    }
    if (tree.op == Op::in) {
      read_values(member.value, tree);
    } else {
      tree.values.push_back(read_value(member.value, tree.field));
    }
    path_.pop_back();
  }

  void read_values(const rapidjson::Value& json, FilterTree& tree) {
    if (!json.IsArray()) refuse("expected a list");
    if (json.Empty()) refuse("length of value must be at least 1");
    tree.values.reserve(json.Size());
    path_.push_back({{}, true});
    for (rapidjson::SizeType i = 0; i < json.Size(); ++i) {
      path_.back().key = std::to_string(i);
      tree.values.push_back(read_value(json[i], tree.field));
    }
    path_.pop_back();
  }

  Value read_value(const rapidjson::Value& json, std::string_view field) {
    auto value = given_value(json);
    if (!value) refuse("expected str");
    if (field != "id") return std::move(*value);
    const auto* text = std::get_if<std::string>(&*value);
    if (text == nullptr) refuse("expected str");
    try {
      index::resource_id(*text, rules_);
    } catch (const Refused& fault) {
      refuse(fault.what());
    }
    return std::move(*value);
  }

  [[noreturn]] void refuse(std::string_view reason) const {
    std::string sentence(reason);
    if (!path_.empty() && !path_.back().is_index) sentence += " for dictionary value";
    throw invalid_input(sentence, path_);
  }

  index::IdRules rules_;
  std::vector<PathStep> path_;
};

}  // namespace

std::optional<FilterTree> parse_filter_json(const rapidjson::Value& json,
                                            const index::IdRules& rules) {
  if (json.IsNull() || (json.IsObject() && json.ObjectEmpty())) return std::nullopt;
  return FilterReader(rules).read(json);
}

std::optional<FilterTree> requested_filter(const Request& request, const Services& services) {
  if (!request.body.empty()) {
    return parse_filter_json(parse_json_body(request), id_rules(request, services));
  }
  const auto text = request.query.get("filter");
  if (!text || text->empty()) return std::nullopt;
  return index::parse_filter(*text);
}

}  // namespace gnocchi::api
