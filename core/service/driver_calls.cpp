#include "core/service/driver_calls.h"

#include <utility>

namespace gnocchi::service {

DriverCalls::DriverCalls(std::string kind, std::string name)
    : kind_(std::move(kind)), name_(std::move(name)) {}

void DriverCalls::describe(stats::Text& text, std::span<const OperationCount> operations) const {
  auto& errors = text.counter("gnocchi_driver_errors_total", "Calls of a driver that failed.");
  for (std::size_t code = 0; code < kCodes; ++code) {
    errors.add(
        {{"kind", kind_}, {"driver", name_}, {"error", to_string(static_cast<Error::Code>(code))}},
        errors_[code]);
  }
  text.histogram("gnocchi_driver_call_duration_seconds",
                 "Time that a driver's calls took, those left out that wait on purpose.")
      .add({{"kind", kind_}, {"driver", name_}}, seconds_);
  auto& family = text.counter("gnocchi_driver_operations_total",
                              "Operations that a driver has asked its backend for.");
  for (const OperationCount& each : operations) {
    family.add({{"kind", kind_}, {"driver", name_}, {"operation", each.operation}}, each.count);
  }
}

}  // namespace gnocchi::service
