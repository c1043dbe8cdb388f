#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gnocchi/auth.h"
#include "gnocchi/incoming.h"

/// Requests and responses as routes and controllers see them; sockets are the server's affair.
namespace gnocchi::api {

/// Compares ASCII letters without case.
bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept;

/// Without the blanks and tabs around it.
std::string_view trim(std::string_view text) noexcept;

/// Header fields in order; names are compared without case.
class Headers {
 public:
  void set(std::string_view name, std::string value);  ///< replaces all of this name
  void add(std::string_view name, std::string value);
  void remove(std::string_view name);
  std::optional<std::string_view> get(std::string_view name) const noexcept;
  const std::vector<std::pair<std::string, std::string>>& all() const noexcept { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// The decoded query string, in order; a name may come several times.
class QueryParameters {
 public:
  static QueryParameters parse(std::string_view query);
  void add(std::string name, std::string value) {
    items_.emplace_back(std::move(name), std::move(value));
  }
  /// The last value of this name, as werkzeug's and pecan's clients expect of repeated scalars.
  std::optional<std::string_view> get(std::string_view name) const noexcept;
  std::vector<std::string> get_all(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& items() const noexcept { return items_; }

 private:
  std::vector<std::pair<std::string, std::string>> items_;
};

/// How points are written in answers that consist of them.
enum class RowForm : std::uint8_t { json, ndjson, csv };

struct Request {
  std::string method;
  std::string path;      ///< percent-decoded, without query and prefix; routes split raw_path
  std::string raw_path;  ///< as sent, without query
  QueryParameters query;
  Headers headers;
  std::string body;
  std::string peer;  ///< address of the other side
  std::string scheme = "http";
  std::string host;        ///< with port, as links show it
  std::string prefix;      ///< SCRIPT_NAME, X-Forwarded-Prefix: "" or "/gnocchi"
  std::string request_id;  ///< "req-<uuid>"
  /// On routes whose answers are rows: the form that Accept likes best.
  RowForm form = RowForm::json;
  Identity identity;  ///< set by the dispatcher before a controller that needs it runs
};

/// A request as a server reads it off the wire. `target` is the request line's: a path with an
/// optional query, or a whole URL. nullopt: it is neither.
std::optional<Request> make_request(std::string method, std::string_view target, Headers headers,
                                    std::string body, std::string peer);

struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  /// What must be kept before the answer goes out: the dispatcher sees to it, so that requests that
  /// come at the same time share one append.
  std::vector<Bundle> measures;
};

}  // namespace gnocchi::api
