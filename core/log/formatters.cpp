#include "core/log/formatters.h"

#include <Poco/DateTimeFormatter.h>

namespace gnocchi::log {
namespace {

std::string time_of(const Poco::Message& message) {
  return Poco::DateTimeFormatter::format(message.getTime(), "%Y-%m-%dT%H:%M:%S.%iZ");
}

char hex(unsigned value) { return "0123456789abcdef"[value & 15]; }

/// Appends the text with control characters, and with the characters of `also`, escaped as JSON
/// does. Bytes from 0x80 on pass: messages are UTF-8.
void append_escaped(std::string& out, std::string_view text, std::string_view also) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\u00";
      out += hex(byte >> 4);
      out += hex(byte);
    } else {
      if (also.find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
  }
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(out.size() > 1 ? ",\"" : "\"").append(name).append("\":\"");
  append_escaped(out, value, "\"\\");
  out += '"';
}

void append_id_and_text(std::string& line, const Poco::Message& message) {
  if (const std::string id = request_id_of(message); !id.empty()) {
    line += '[';
    append_escaped(line, id, {});
    line += "] ";
  }
  append_escaped(line, message.getText(), {});
}

}  // namespace

std::string request_id_of(const Poco::Message& message) {
  return message.has(kRequestId) ? message.get(kRequestId) : std::string();
}

const char* level_name(Poco::Message::Priority priority) noexcept {
  if (priority <= Poco::Message::PRIO_ERROR) return "ERROR";
  if (priority <= Poco::Message::PRIO_WARNING) return "WARNING";
  return priority <= Poco::Message::PRIO_INFORMATION ? "INFO" : "DEBUG";
}

void TextFormatter::format(const Poco::Message& message, std::string& line) {
  line = time_of(message) + " " + level_name(message.getPriority()) + " ";
  line.append(message.getSource()).append("[").append(std::to_string(message.getPid()));
  line += "] ";
  append_id_and_text(line, message);
}

void BareFormatter::format(const Poco::Message& message, std::string& line) {
  line.clear();
  append_id_and_text(line, message);
}

void JsonFormatter::format(const Poco::Message& message, std::string& line) {
  line = "{";
  append_field(line, "timestamp", time_of(message));
  append_field(line, "level", level_name(message.getPriority()));
  append_field(line, "program", message.getSource());
  line += ",\"pid\":" + std::to_string(message.getPid());
  if (const std::string id = request_id_of(message); !id.empty()) {
    append_field(line, kRequestId, id);
  }
  append_field(line, "message", message.getText());
  line += '}';
}

}  // namespace gnocchi::log
