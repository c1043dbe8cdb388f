#include "api/healthcheck.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

#include "api/accept.h"

namespace gnocchi::api {
namespace {

constexpr char kDisabled[] = "DISABLED BY FILE";

std::string reason(bool available) { return available ? "OK" : kDisabled; }

std::string text_page(const std::vector<std::string>& reasons) {
  std::string page;
  for (const auto& line : reasons) page += (page.empty() ? "" : "\n") + line;
  return page;
}

std::string json_page(const std::vector<std::string>& reasons) {
  std::string page = "{\n    \"detailed\": false,\n    \"reasons\": [";
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    page += (i == 0 ? "\n        \"" : ",\n        \"") + reasons[i] + "\"";
  }
  return page + (reasons.empty() ? "]\n}" : "\n    ]\n}");
}

std::string html_page(const std::vector<std::string>& reasons) {
  std::string page =
      "<HTML>\n<HEAD><TITLE>Healthcheck Status</TITLE></HEAD>\n<BODY>\n<H2>Result of " +
      std::to_string(reasons.size()) +
      " checks:</H2>\n<TABLE bgcolor=\"#ffffff\" border=\"1\">\n<TBODY>\n<TR>\n<TH>\n"
      "Reason\n</TH>\n</TR>\n";
  for (const auto& line : reasons) page += "<TR>\n    <TD>" + line + "</TD>\n</TR>\n";
  return page + "</TBODY>\n</TABLE>\n<HR></HR>\n</BODY>\n</HTML>";
}

/// The file that [healthcheck] disable_by_file_paths ("port:path", ...) has for our port.
std::string file_for_port(const config::Config& config) {
  const std::string prefix = std::to_string(config.integer("api", "port")) + ":";
  for (const auto& entry : config.list("healthcheck", "disable_by_file_paths")) {
    if (entry.starts_with(prefix)) return entry.substr(prefix.size());
  }
  return {};
}

}  // namespace

Healthcheck::Healthcheck(const config::Config& config) : path_(config.text("healthcheck", "path")) {
  for (const auto& backend : config.list("healthcheck", "backends")) {
    if (backend == "disable_by_file") {
      checks_.push_back({config.has("healthcheck", "disable_by_file_path")
                             ? config.text("healthcheck", "disable_by_file_path")
                             : std::string{}});
    } else if (backend == "disable_by_files_ports") {
      checks_.push_back({file_for_port(config)});
    }
  }
}

bool Healthcheck::Check::available() const {
  std::error_code ignored;  // a file that cannot be looked at does not disable anything
  return file.empty() || !std::filesystem::exists(file, ignored);
}

void Healthcheck::answer(const Request& request, Response& response) const {
  constexpr std::array<std::string_view, 3> kForms{"text/plain", "text/html", "application/json"};
  std::vector<std::string> reasons;
  bool healthy = true;
  for (const auto& check : checks_) {
    const bool available = check.available();
    healthy = healthy && available;
    reasons.push_back(reason(available));
  }
  if (request.method == "HEAD") {
    response.status = healthy ? 204 : 503;
    return;
  }
  response.status = healthy ? 200 : 503;
  const auto form = negotiate(request.headers.get("Accept"), kForms).value_or("text/plain");
  if (form == "application/json") {
    response.headers.set("Content-Type", "application/json");
    response.body = json_page(reasons);
  } else if (form == "text/html") {
    response.headers.set("Content-Type", "text/html; charset=UTF-8");
    response.body = html_page(reasons);
  } else {
    response.headers.set("Content-Type", "text/plain; charset=UTF-8");
    response.body = text_page(reasons);
  }
}

}  // namespace gnocchi::api
