#include "indexer-sql/filter_sql.h"

#include <span>

#include "gnocchi/error.h"
#include "indexer-sql/text.h"

namespace gnocchi::sql {
namespace {

using Op = Filter::Op;

// Databases limit the depth of expressions (SQLite: 1,000, some of which each level costs twice).
constexpr int kDeepest = 200;

class Writer {
 public:
  Writer(const Dialect& dialect, const FieldResolver& resolve)
      : dialect_(dialect), resolve_(resolve) {}

  std::string write(const Filter& filter, int depth) const {
    if (depth > kDeepest) {
      throw Refused(Refused::Reason::invalid_value, Refused::Subject::none,
                    "the filter is nested too deeply");
    }
    switch (filter.op) {
      case Op::all_of: return junction(filter.children, " AND ", "1 = 1", depth);
      case Op::any_of: return junction(filter.children, " OR ", "1 = 0", depth);
      case Op::negate: return "NOT (" + write(filter.children.at(0), depth + 1) + ")";
      case Op::in: return membership(filter);
      default: return comparison(filter);
    }
  }

 private:
  /// Halves a long list, so that its depth is logarithmic.
  std::string junction(std::span<const Filter> children, std::string_view word,
                       std::string_view none, int depth) const {
    if (children.empty()) return std::string(none);
    if (children.size() == 1) return write(children.front(), depth + 1);
    const std::size_t half = children.size() / 2;
    return "(" + junction(children.first(half), word, none, depth) + std::string(word) +
           junction(children.subspan(half), word, none, depth) + ")";
  }

  std::string membership(const Filter& filter) const {
    if (filter.values.empty()) return "1 = 0";
    const Field field = resolve_(filter.field);
    std::string literals;
    for (const Value& value : filter.values) {
      if (!literals.empty()) literals += ',';
      literals += literal(dialect_, field.type, value);
    }
    return in(field, literals);
  }

  std::string in(const Field& field, const std::string& literals) const {
    if (field.type == FieldType::text) {
      return "(" + dialect_.exact_in(field.sql, literals, field.indexed) + ")";
    }
    return field.sql + " IN (" + literals + ")";
  }

  std::string comparison(const Filter& filter) const {
    const Field field = resolve_(filter.field);
    const Value& value = filter.values.at(0);
    if (std::holds_alternative<std::monostate>(value)) {
      if (filter.op == Op::eq) return field.sql + " IS NULL";
      if (filter.op == Op::ne) return field.sql + " IS NOT NULL";
    }
    const std::string right = literal(dialect_, field.type, value);
    switch (filter.op) {
      case Op::eq: return in(field, right);
      case Op::ne:
        return "(" + field.sql + " IS NULL OR " +
               (field.type == FieldType::text ? dialect_.exact_ne(field.sql, right)
                                              : field.sql + " <> " + right) +
               ")";
      case Op::lt: return field.sql + " < " + right;
      case Op::le: return field.sql + " <= " + right;
      case Op::gt: return field.sql + " > " + right;
      case Op::ge: return field.sql + " >= " + right;
      case Op::like: return dialect_.like(field.sql, right);
      default: break;
    }
    throw Error(Error::Code::internal, "index: an unknown operator in a filter");
  }

  const Dialect& dialect_;
  const FieldResolver& resolve_;
};

}  // namespace

std::string filter_sql(const Dialect& dialect, const Filter& filter, const FieldResolver& resolve) {
  return Writer(dialect, resolve).write(filter, 0);
}

}  // namespace gnocchi::sql
