#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gnocchi::sqlite {

// Values on their way from the dialect to a connection. They stand in the text of a statement as
// they are, each behind a NUL byte, which nothing else in a statement holds; the connection takes
// them out and passes them as parameters. So statements that differ in values alone have one text.

std::string written(std::int64_t value);
std::string written(double value);
std::string written_text(std::string_view value);
std::string written_blob(std::string_view value);

/// A value that has been taken out of a statement, which holds the bytes.
struct Parameter {
  enum class Kind : char { integer = 'i', real = 'r', text = 't', blob = 'b' };
  Kind kind;
  std::string_view bytes;

  std::int64_t integer() const;
  double real() const;
};

struct Parts {
  std::string sql;  ///< with a "?" for each value
  std::vector<Parameter> parameters;
};

Parts taken_apart(std::string_view statement);

/// The statement with its values as literals, for more of them than SQLite takes as parameters.
std::string with_literals(std::string_view statement);

}  // namespace gnocchi::sqlite
