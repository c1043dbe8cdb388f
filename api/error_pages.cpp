#include "api/error_pages.h"

#include <rapidjson/document.h>

#include <array>
#include <utility>

#include "api/accept.h"
#include "api/json.h"
#include "api/python_text.h"
#include "api/utf8.h"

namespace gnocchi::api {
namespace {

struct StatusText {
  int status;
  std::string_view title;
  std::string_view explanation;
};

constexpr std::string_view kMalformed =
    "The server could not comply with the request since it is either malformed or otherwise "
    "incorrect.";
constexpr std::string_view kErred =
    "The server has either erred or is incapable of performing the requested operation.";

// The words of webob, the library that answers in Python Gnocchi: clients match some of them.
constexpr std::array kStatusTexts{
    StatusText{200, "OK", ""},
    StatusText{201, "Created", ""},
    StatusText{202, "Accepted", ""},
    StatusText{204, "No Content", ""},
    StatusText{302, "Found", "The resource was found at"},
    StatusText{304, "Not Modified", ""},
    StatusText{400, "Bad Request", kMalformed},
    StatusText{401, "Unauthorized",
               "This server could not verify that you are authorized to access the document you "
               "requested. Either you supplied the wrong credentials (e.g., bad password), or your "
               "browser does not understand how to supply the credentials required."},
    StatusText{403, "Forbidden", "Access was denied to this resource."},
    StatusText{404, "Not Found", "The resource could not be found."},
    StatusText{405, "Method Not Allowed", ""},
    StatusText{406, "Not Acceptable", ""},
    StatusText{408, "Request Timeout",
               "The server has waited too long for the request to be sent by the client."},
    StatusText{409, "Conflict", "There was a conflict when trying to complete your request."},
    StatusText{411, "Length Required", "Content-Length header required."},
    StatusText{412, "Precondition Failed", "Request precondition failed."},
    StatusText{413, "Request Entity Too Large",
               "The body of your request was too large for this server."},
    StatusText{414, "Request-URI Too Long", "The request URI was too long for this server."},
    StatusText{415, "Unsupported Media Type", ""},
    StatusText{417, "Expectation Failed", "Expectation failed."},
    StatusText{429, "Too Many Requests",
               "The client has sent too many requests in a given amount of time"},
    StatusText{431, "Request Header Fields Too Large", "The request header fields were too large"},
    StatusText{500, "Internal Server Error", kErred},
    StatusText{501, "Not Implemented", kErred},
    StatusText{503, "Service Unavailable",
               "The server is currently unavailable. Please try again at a later time."},
    StatusText{505, "HTTP Version Not Supported", "The HTTP version is not supported."},
};

const StatusText* find_status(int status) noexcept {
  for (const auto& text : kStatusTexts) {
    if (text.status == status) return &text;
  }
  return nullptr;
}

std::string escape_html(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto [c, size] = decode_utf8(text);
    text.remove_prefix(size);
    switch (c) {
      case U'&': out += "&amp;"; break;
      case U'<': out += "&lt;"; break;
      case U'>': out += "&gt;"; break;
      case U'"': out += "&quot;"; break;
      case U'\'': out += "&#x27;"; break;
      default:
        if (c < 0x80) {
          out += static_cast<char>(c);
        } else {
          out += "&#" + std::to_string(static_cast<unsigned>(c)) + ";";
        }
    }
  }
  return out;
}

std::string keep(std::string_view text) { return std::string(text); }

/// What HTML becomes where plain text is wanted: one line per <br>, no tags.
std::string strip_tags(std::string_view html) {
  std::string out;
  for (std::size_t i = 0; i < html.size(); ++i) {
    const char c = html[i];
    if (c == '\r') continue;
    if (c == '\n') {
      out += ' ';
      continue;
    }
    const auto end = c == '<' ? html.find('>', i) : std::string_view::npos;
    if (end == std::string_view::npos) {
      out += c;
      continue;
    }
    const auto tag = html.substr(i + 1, end - i - 1);
    if (tag.starts_with("br") || tag.starts_with("BR")) out += '\n';
    i = end;
  }
  return out;
}

std::string detail_text(const Detail& detail) {
  if (!detail.is_json) return detail.text;
  rapidjson::Document document;
  document.Parse<rapidjson::kParseFullPrecisionFlag | rapidjson::kParseNanAndInfFlag>(
      detail.text.c_str(), detail.text.size());
  return document.HasParseError() ? detail.text : python_repr(document);
}

template <typename Escape>
std::string page_body(const Request& request, const HttpError& error, Escape escape) {
  const std::string detail = escape(detail_text(error.detail()));
  const auto header = [&](std::string_view name, std::string_view fallback) {
    return escape(request.headers.get(name).value_or(fallback));
  };
  switch (error.status()) {
    case 302: {
      const std::string location = escape(error.headers().get("Location").value_or(""));
      return std::string(find_status(302)->explanation) + " <a href=\"" + location + "\">" +
             location + "</a>;\nyou should be redirected automatically.\n" + detail + "\n";
    }
    case 405:
      return "The method " + escape(request.method) +
             " is not allowed for this resource. <br /><br />\n" + detail;
    case 406:
      return "The resource could not be generated that was acceptable to your browser\n"
             "(content of type " +
             header("Accept", "") + ". <br /><br />\n" + detail;
    case 415:
      return "The request media type " + header("Content-Type", "${CONTENT_TYPE}") +
             " is not supported by this server.\n<br /><br />\n" + detail;
    default: {
      const auto* text = find_status(error.status());
      return std::string(text == nullptr ? "" : text->explanation) + "<br /><br />\n" + detail +
             "\n\n";
    }
  }
}

void write_json(const HttpError& error, Response& response) {
  JsonWriter json(response.body);
  json.begin_object();
  json.key("code");
  json.number(std::int64_t{error.status()});
  json.key("title");
  json.text(status_title(error.status()));
  json.key("description");
  const bool silent = error.status() == 302 || error.status() == 404 || error.status() == 406;
  if (error.detail().is_json) {
    json.raw(error.detail().text);
  } else if (error.detail().text.empty() && silent) {
    json.null();
  } else {
    json.text(error.detail().text);
  }
  json.end_object();
}

}  // namespace

std::string_view status_title(int status) noexcept {
  const auto* text = find_status(status);
  return text == nullptr ? std::string_view{} : text->title;
}

Response render_error(const Request& request, const HttpError& error) {
  constexpr std::array<std::string_view, 3> kForms{"text/plain", "text/html", "application/json"};
  Response response;
  response.status = error.status();
  response.headers = error.headers();
  if (error.status() == 304 || error.status() == 204) return response;
  const auto accept = request.headers.get("Accept");
  if (accept && negotiate(accept, kForms) == "application/json") {
    response.headers.set("Content-Type", "application/json");
    write_json(error, response);
    return response;
  }
  const std::string status =
      std::to_string(error.status()) + " " + std::string(status_title(error.status()));
  if (accept && negotiate(accept, std::span(kForms).subspan(1)) == "text/html") {
    response.headers.set("Content-Type", "text/html; charset=UTF-8");
    response.body = "<html>\n <head>\n  <title>" + status + "</title>\n </head>\n <body>\n  <h1>" +
                    status + "</h1>\n  " + page_body(request, error, escape_html) +
                    "\n </body>\n</html>";
    return response;
  }
  response.headers.set("Content-Type", "text/plain; charset=UTF-8");
  response.body = status + "\n\n" + strip_tags(page_body(request, error, keep));
  return response;
}

}  // namespace gnocchi::api
