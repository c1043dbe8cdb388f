#include "core/config/faults.h"

#include <algorithm>
#include <utility>

#include "gnocchi/error.h"

namespace gnocchi::config {

std::string Location::text() const { return line == 0 ? file : file + ":" + std::to_string(line); }

void Faults::add(std::string message) { messages_.push_back(std::move(message)); }

void Faults::add_once(std::string message) {
  if (std::find(messages_.begin(), messages_.end(), message) == messages_.end()) {
    add(std::move(message));
  }
}

void Faults::add_value(const Location& where, std::string_view group, std::string_view name,
                       std::string_view shown_value, std::string_view problem) {
  std::string message = "CONFIG_INVALID  ";
  if (!where.file.empty()) message += where.text() + " ";
  message.append("[").append(group).append("] ").append(name).append(" = \"");
  message.append(shown_value).append("\": ").append(problem);
  add(std::move(message));
}

void Faults::add_line(const Location& where, std::string_view problem) {
  add("CONFIG_INVALID  " + where.text() + ": " + std::string(problem));
}

void Faults::throw_if_any() const {
  if (messages_.empty()) return;
  std::string all;
  for (const std::string& message : messages_) {
    if (!all.empty()) all += '\n';
    all += message;
  }
  throw Error(Error::Code::invalid_config, all);
}

}  // namespace gnocchi::config
