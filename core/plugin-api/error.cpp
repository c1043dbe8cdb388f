#include "gnocchi/error.h"

#include <utility>

namespace gnocchi {

Error::Error(Code code, const std::string& what) : std::runtime_error(what), code_(code) {}
Error::~Error() = default;

Refused::Refused(Reason reason, Subject subject, const std::string& what, std::string name)
    : std::runtime_error(what), reason_(reason), subject_(subject), name_(std::move(name)) {}
Refused::~Refused() = default;

const char* to_string(Error::Code code) noexcept {
  switch (code) {
    case Error::Code::invalid_config: return "invalid_config";
    case Error::Code::unavailable: return "unavailable";
    case Error::Code::timed_out: return "timed_out";
    case Error::Code::corrupt_data: return "corrupt_data";
    case Error::Code::internal: return "internal";
  }
  return "internal";
}

}  // namespace gnocchi
