#pragma once

#include <Poco/Formatter.h>
#include <Poco/Message.h>

#include <string>
#include <string_view>

/// The parts of a line. Internal to core/log: only its .cpp files include Poco.
namespace gnocchi::log {

/// The parameter of a Poco::Message that holds the request's id; absent outside of requests.
inline constexpr char kRequestId[] = "request_id";

/// The id, or an empty text.
std::string request_id_of(const Poco::Message& message);
/// "INFO"
const char* level_name(Poco::Message::Priority priority) noexcept;

/// Line breaks and other control characters are escaped, so that nobody's input can forge a line.
class TextFormatter final : public Poco::Formatter {
 public:
  void format(const Poco::Message& message, std::string& line) override;
};

/// Request id and text alone, for receivers that add the rest themselves.
class BareFormatter final : public Poco::Formatter {
 public:
  void format(const Poco::Message& message, std::string& line) override;
};

class JsonFormatter final : public Poco::Formatter {
 public:
  void format(const Poco::Message& message, std::string& line) override;
};

}  // namespace gnocchi::log
