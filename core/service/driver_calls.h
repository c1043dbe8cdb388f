#pragma once

#include <array>
#include <span>
#include <string>

#include "core/stats/counter.h"
#include "core/stats/histogram.h"
#include "core/stats/text.h"
#include "gnocchi/driver.h"
#include "gnocchi/error.h"

namespace gnocchi::service {

/// How the calls of one driver went: how long they took, how many failed, and how. A request that
/// the driver refuses is no failure. Any thread; nothing here locks.
class DriverCalls {
 public:
  /// "storage", "file".
  DriverCalls(std::string kind, std::string name);

  /// Runs the call, and counts it if it fails.
  template <typename Call>
  decltype(auto) counted(Call&& call) {
    try {
      return call();
    } catch (const Refused&) {
      throw;
    } catch (const Error& error) {
      errors_[static_cast<std::size_t>(error.code())].add();
      throw;
    } catch (...) {
      errors_[static_cast<std::size_t>(Error::Code::internal)].add();
      throw;
    }
  }
  /// Likewise, and takes the time; not for calls that wait on purpose.
  template <typename Call>
  decltype(auto) timed(Call&& call) {
    const stats::Timing timing(seconds_);
    return counted(call);
  }

  /// `operations`: what the driver says of its own accord.
  void describe(stats::Text& text, std::span<const OperationCount> operations = {}) const;

 private:
  static constexpr std::size_t kCodes = static_cast<std::size_t>(Error::Code::internal) + 1;

  const std::string kind_;
  const std::string name_;
  stats::Histogram seconds_;
  std::array<stats::Counter, kCodes> errors_;
};

}  // namespace gnocchi::service
