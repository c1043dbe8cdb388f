#include "core/service/starting_drivers.h"

#include <utility>

namespace gnocchi::service {

StartingDrivers::StartingDrivers(OpenDrivers& drivers, std::function<void()> started,
                                 std::function<void(std::exception_ptr)> failed,
                                 const BackOff& back_off)
    : thread_([this, &drivers, started = std::move(started), failed = std::move(failed),
               back_off](const std::stop_token& stop) {
        try {
          const auto note = [this](const std::string& reason) {
            const std::scoped_lock guard(mutex_);
            waiting_for_ = reason;
          };
          if (!drivers.start(stop, note, back_off)) return;
          if (started) started();
          ready_.store(true, std::memory_order_release);
        } catch (...) {
          failed(std::current_exception());
        }
      }) {}

std::string StartingDrivers::waiting_for() const {
  const std::scoped_lock guard(mutex_);
  return waiting_for_;
}

}  // namespace gnocchi::service
