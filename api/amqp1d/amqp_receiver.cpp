#include "api/amqp1d/amqp_receiver.h"

#include <algorithm>
#include <chrono>
#include <proton/connection.hpp>
#include <proton/connection_options.hpp>
#include <proton/container.hpp>
#include <proton/delivery.hpp>
#include <proton/error_condition.hpp>
#include <proton/message.hpp>
#include <proton/messaging_handler.hpp>
#include <proton/receiver.hpp>
#include <proton/receiver_options.hpp>
#include <proton/transport.hpp>
#include <proton/types.hpp>
#include <utility>

namespace gnocchi::amqp1d {
namespace {

constexpr std::chrono::milliseconds kFirstPause{500};
constexpr std::chrono::milliseconds kLongestPause{30'000};
// A peer that says nothing for so long is gone.
constexpr std::uint64_t kIdle_ms = 60'000;
constexpr int kCredit = 100;  // messages on their way

}  // namespace

/// One connection, from its beginning to its end.
class AmqpReceiver::Session : public proton::messaging_handler {
 public:
  explicit Session(AmqpReceiver& owner) : owner_(owner) {}
  bool received() const { return received_; }

  void on_container_start(proton::container& container) override {
    {
      const std::scoped_lock guard(owner_.mutex_);
      if (owner_.stopping_) {
        container.stop();
        return;
      }
    }
    container.open_receiver(owner_.url_, proton::receiver_options().credit_window(kCredit),
                            proton::connection_options().idle_timeout(proton::duration(kIdle_ms)));
  }

  void on_receiver_open(proton::receiver&) override {
    received_ = true;
    owner_.log_.info("event=amqp_connected");
  }

  void on_message(proton::delivery&, proton::message& message) override {
    const proton::value& body = message.body();
    if (body.type() == proton::BINARY) {
      const auto bytes = proton::get<proton::binary>(body);
      owner_.take_({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    } else if (body.type() == proton::STRING) {
      owner_.take_(proton::get<std::string>(body));
    } else {
      owner_.take_({});
    }
  }

  void on_receiver_close(proton::receiver& receiver) override { receiver.connection().close(); }
  void on_receiver_error(proton::receiver& receiver) override {
    tell(receiver.error());
    receiver.connection().close();
  }
  void on_connection_error(proton::connection& connection) override { tell(connection.error()); }
  void on_transport_error(proton::transport& transport) override { tell(transport.error()); }
  void on_error(const proton::error_condition& reason) override { tell(reason); }

 private:
  void tell(const proton::error_condition& reason) {
    owner_.log_.warning("event=amqp_disconnected reason=\"" + reason.what() + "\"");
  }

  AmqpReceiver& owner_;
  bool received_ = false;
};

AmqpReceiver::AmqpReceiver(std::string url, std::function<void(std::string_view)> take,
                           plugin::Log& log)
    : url_(std::move(url)), take_(std::move(take)), log_(log) {}

AmqpReceiver::~AmqpReceiver() { stop(); }

void AmqpReceiver::start() {
  thread_ = std::thread([this] { run(); });
}

void AmqpReceiver::stop() {
  {
    const std::scoped_lock guard(mutex_);
    stopping_ = true;
    if (container_ != nullptr) container_->stop();
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool AmqpReceiver::receive_until_the_end() {
  Session session(*this);
  try {
    proton::container container(session);
    {
      const std::scoped_lock guard(mutex_);
      if (stopping_) return false;
      container_ = &container;
    }
    try {
      container.run();
    } catch (const std::exception& error) {
      log_.warning(std::string("event=amqp_disconnected reason=\"") + error.what() + "\"");
    }
    const std::scoped_lock guard(mutex_);
    container_ = nullptr;
  } catch (const std::exception& error) {
    log_.error(std::string("event=amqp_failed reason=\"") + error.what() + "\"");
  }
  return session.received();
}

void AmqpReceiver::run() {
  auto pause = kFirstPause;
  for (;;) {
    if (receive_until_the_end()) pause = kFirstPause;
    std::unique_lock lock(mutex_);
    if (wake_.wait_for(lock, pause, [this] { return stopping_; })) return;
    pause = std::min(pause * 2, kLongestPause);
  }
}

}  // namespace gnocchi::amqp1d
