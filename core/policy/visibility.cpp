#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <utility>

#include "core/policy/rule_set.h"

// A rule with the identity filled in, as a filter over rows.
//
// Negations are pushed down to the comparisons ("ne" also matches NULL), so that SQL's third truth
// value never decides. What cannot be said of rows (an attribute that only some types have) hides
// the row: the filter never shows what allows() would refuse.
namespace gnocchi::policy {
namespace {

Visibility constant(bool visible) { return visible ? Visibility{Everything{}} : Nothing{}; }

Visibility join(std::vector<Visibility> parts, bool all) {
  std::vector<Filter> filters;
  for (Visibility& part : parts) {
    if (auto* filter = std::get_if<Filter>(&part)) {
      // "a or (b or c)" is one list for the database.
      if (filter->op == (all ? Filter::Op::all_of : Filter::Op::any_of)) {
        std::move(filter->children.begin(), filter->children.end(), std::back_inserter(filters));
      } else {
        filters.push_back(std::move(*filter));
      }
    } else if (std::holds_alternative<Everything>(part) != all) {
      return part;
    }
  }
  if (filters.empty()) return constant(all);
  if (filters.size() == 1) return std::move(filters.front());
  return all ? Filter::all(std::move(filters)) : Filter::any(std::move(filters));
}

constexpr std::array<std::string_view, 8> kResourceFields{
    "id",
    "type",
    "creator",
    "created_by_user_id",
    "created_by_project_id",
    "user_id",
    "project_id",
    "original_resource_id",
};
constexpr std::array<std::string_view, 8> kMetricFields{
    "id",
    "name",
    "unit",
    "resource_id",
    "creator",
    "created_by_user_id",
    "created_by_project_id",
    "archive_policy_name",
};

/// The filter's name of a rule's attribute; empty: rows have no such field.
std::string field_of(std::string_view attribute, RowKind rows) {
  const auto known = [](const auto& fields, std::string_view name) {
    return std::find(fields.begin(), fields.end(), name) != fields.end();
  };
  if (rows == RowKind::resource) {
    return known(kResourceFields, attribute) ? std::string{attribute} : std::string{};
  }
  if (attribute == "archive_policy.name") return "archive_policy_name";
  constexpr std::string_view kPrefix = "resource.";
  const bool of_resource =
      attribute.starts_with(kPrefix) && known(kResourceFields, attribute.substr(kPrefix.size()));
  return of_resource || known(kMetricFields, attribute) ? std::string{attribute} : std::string{};
}

Visibility compare(const std::string& field, Value value, bool negated) {
  return Filter::compare(negated ? Filter::Op::ne : Filter::Op::eq, field, std::move(value));
}

/// "The attribute is None": a metric without a resource has none of the resource's attributes.
Visibility is_none(const std::string& field, bool negated) {
  std::vector<Visibility> parts;
  parts.push_back(compare(field, std::monostate{}, negated));
  if (field.starts_with("resource.")) {
    parts.push_back(compare("resource_id", std::monostate{}, !negated));
  }
  return join(std::move(parts), !negated);
}

/// "The attribute is `text`", for one attribute alone.
Visibility attribute_is(const std::string& attribute, std::string_view text, bool literal,
                        RowKind rows, bool negated) {
  const std::string field = field_of(attribute, rows);
  if (field.empty()) return Nothing{};
  if (field == "id" || field == "resource_id" || field == "resource.id") {
    const auto id = Uuid::parse(text);
    if (!id || id->to_string() != text) {
      const bool absent = literal && text == "None" && field == "resource_id";
      return absent ? compare(field, std::monostate{}, negated) : constant(negated);
    }
    return compare(field, *id, negated);
  }
  std::vector<Visibility> choices;
  choices.push_back(compare(field, std::string{text}, negated));
  if (literal && text == "None") choices.push_back(is_none(field, negated));
  return join(std::move(choices), negated);
}

/// "The template, filled in, is `text`". With two attributes every way to cut the text is tried.
Visibility template_is(std::span<const Template::Piece> pieces, std::string_view text, bool literal,
                       RowKind rows, bool negated) {
  if (pieces.empty()) return constant(text.empty() != negated);
  const Template::Piece& piece = pieces.front();
  const auto rest = pieces.subspan(1);
  if (!piece.is_attribute) {
    if (!text.starts_with(piece.text)) return constant(negated);
    return template_is(rest, text.substr(piece.text.size()), literal, rows, negated);
  }
  if (rest.empty()) return attribute_is(piece.text, text, literal, rows, negated);
  std::vector<Visibility> cuts;
  for (std::size_t n = 0; n <= text.size(); ++n) {
    std::vector<Visibility> both;
    both.push_back(attribute_is(piece.text, text.substr(0, n), literal, rows, negated));
    both.push_back(template_is(rest, text.substr(n), literal, rows, negated));
    cuts.push_back(join(std::move(both), !negated));
  }
  return join(std::move(cuts), negated);
}

}  // namespace

Visibility RuleSet::visible(std::string_view rule, const Identity& who, RowKind rows) const {
  const Check* check = find(rule);
  return check ? compile(*check, who, rows, false) : Nothing{};
}

Visibility RuleSet::compile(const Check& check, const Identity& who, RowKind rows,
                            bool negated) const {
  switch (check.kind) {
    case Check::Kind::always: return constant(!negated);
    case Check::Kind::never:
    case Check::Kind::remote: return constant(negated);
    case Check::Kind::negate: return compile(check.children.front(), who, rows, !negated);
    case Check::Kind::rule: return compile(*find(check.subject), who, rows, negated);
    case Check::Kind::literal:
      return template_is(check.match.pieces, check.subject, true, rows, negated);
    case Check::Kind::all_of:
    case Check::Kind::any_of: {
      std::vector<Visibility> parts;
      for (const Check& child : check.children) {
        parts.push_back(compile(child, who, rows, negated));
      }
      return join(std::move(parts), (check.kind == Check::Kind::all_of) != negated);
    }
    case Check::Kind::role:
      if (!check.match.has_attributes()) return constant(evaluate(check, {}, who) != negated);
      // Without case: more than a filter can say. As written it shows too little, never too much.
      if (negated) return Nothing{};
      [[fallthrough]];
    case Check::Kind::credential: {
      std::vector<Visibility> values;
      const bool role = check.kind == Check::Kind::role;
      for (const auto value : credentials(who, role ? "roles" : std::string_view{check.subject})) {
        values.push_back(template_is(check.match.pieces, value, false, rows, negated));
      }
      return join(std::move(values), negated);
    }
  }
  return Nothing{};
}

}  // namespace gnocchi::policy
