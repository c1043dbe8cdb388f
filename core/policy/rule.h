#pragma once

#include <string>
#include <string_view>
#include <vector>

/// The rule language of oslo.policy, read into a tree. No identity, no rows, no I/O here.
namespace gnocchi::policy {

/// What stands right of a check's colon: text with %(attribute)s in it.
struct Template {
  struct Piece {
    bool is_attribute = false;
    std::string text;  ///< the attribute's name, or text as it is
  };
  std::vector<Piece> pieces;

  bool has_attributes() const noexcept;
  /// The text where there are no attributes.
  std::string plain() const;
};

struct Check {
  enum class Kind {
    always,      ///< "" and "@"
    never,       ///< "!"
    all_of,      ///< children joined by "and"
    any_of,      ///< children joined by "or"
    negate,      ///< one child
    rule,        ///< rule:NAME
    role,        ///< role:TEMPLATE, without case
    literal,     ///< 'text':TEMPLATE, True:TEMPLATE, 42:TEMPLATE, None:TEMPLATE
    credential,  ///< NAME:TEMPLATE
    remote,      ///< http: and https:, which ask another server: denied here
  };
  Kind kind = Kind::never;
  std::vector<Check> children;
  std::string subject;  ///< the rule's or the credential's name, the literal's text, the URL
  Template match;
};

/// A rule as text: "role:admin or (not rule:a and user:%(creator)s)". Throws Refused{invalid_value}
/// saying what is wrong and where.
Check parse_rule(std::string_view text);

/// The old form: an outer list joined by "or" of inner lists of checks joined by "and". An empty
/// outer list allows; empty inner lists are skipped, and if nothing is left it denies.
Check parse_rule(const std::vector<std::vector<std::string>>& lists);

}  // namespace gnocchi::policy
