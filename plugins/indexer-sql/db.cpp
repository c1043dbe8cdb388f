#include "indexer-sql/db.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

#include "gnocchi/error.h"
#include "indexer-sql/write_queue.h"

namespace gnocchi::sql {
namespace {

constexpr std::chrono::milliseconds kFirstPause{2};
constexpr std::chrono::milliseconds kLongestPause{500};
// A server that restarts refuses connections for a moment; longer absences are the caller's.
constexpr int kUnreachableTries = 3;
constexpr int kLostTries = 4;
constexpr int kSchemaTries = 3;
constexpr int kLockTries = 2;
// A lost connection may have cost its whole read timeout; a request does not pay that twice.
constexpr std::chrono::seconds kLostBudget{5};

void pause(int attempt) {
  thread_local std::minstd_rand generator{std::random_device{}()};
  const auto longest = std::min<std::chrono::microseconds>(
      kFirstPause * (1 << std::min(attempt, 10)), kLongestPause);
  std::uniform_int_distribution<std::int64_t> spread(longest.count() / 4, longest.count());
  std::this_thread::sleep_for(std::chrono::microseconds(spread(generator)));
}

Error translated(const char* what, const SqlError& error) {
  using Kind = Failure::Kind;
  const std::string text = std::string("index: ") + what + ": " + error.what();
  switch (error.kind()) {
    case Kind::lost:
    case Kind::unreachable:
    case Kind::denied:
    case Kind::read_only: return {Error::Code::unavailable, text};
    case Kind::schema: return {Error::Code::unavailable, text + " (has gnocchi-upgrade been run?)"};
    case Kind::conflict:
    case Kind::lock_timeout: return {Error::Code::timed_out, text};
    default: return {Error::Code::internal, text};
  }
}

bool again(Failure::Kind kind, int number, int max_retries,
           std::chrono::steady_clock::duration spent) {
  switch (kind) {
    case Failure::Kind::conflict: return number <= max_retries;
    case Failure::Kind::lock_timeout: return number < kLockTries;
    case Failure::Kind::schema: return number < kSchemaTries;
    case Failure::Kind::lost: return number < kLostTries && spent < kLostBudget;
    case Failure::Kind::unreachable: return number < kUnreachableTries && spent < kLostBudget;
    default: return false;
  }
}

}  // namespace

/// Idle connections, newest first, and a count of those lent out. A broken connection is never put
/// back; when one breaks, the idle ones are dropped too, since a restarted server lost them all.
class Db::Pool {
 public:
  Pool(const Dialect& dialect, const DbOptions& options) : dialect_(dialect), options_(options) {}

  std::unique_ptr<Connection> take() {
    std::unique_lock lock(mutex_);
    if (!freed_.wait_for(lock, options_.pool_wait, [&] { return lent_ < options_.pool_size; })) {
      throw SqlError({Failure::Kind::unreachable, {}},
                     "all " + std::to_string(options_.pool_size) + " connections are in use for " +
                         std::to_string(options_.pool_wait.count()) + " ms");
    }
    ++lent_;
    if (!idle_.empty()) {
      std::unique_ptr<Connection> connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
    lock.unlock();
    try {
      return dialect_.connect();
    } catch (...) {
      give_back(nullptr);
      throw;
    }
  }

  void give_back(std::unique_ptr<Connection> connection) {
    {
      const std::lock_guard lock(mutex_);
      --lent_;
      if (connection) idle_.push_back(std::move(connection));
    }
    freed_.notify_one();
  }

  void drop_idle() {
    std::vector<std::unique_ptr<Connection>> dropped;
    const std::lock_guard lock(mutex_);
    dropped.swap(idle_);
  }

 private:
  const Dialect& dialect_;
  const DbOptions& options_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<std::unique_ptr<Connection>> idle_;
  std::size_t lent_ = 0;
};

/// A unit of work on its way through the queue of writers.
struct Db::Write {
  Mode mode;
  const Work& work;
  const Attempt& attempt;
  std::exception_ptr failure;
};

class Db::Writes : public WriteQueue<Write> {
  using WriteQueue::WriteQueue;
};

Db::Db(const Dialect& dialect, const DbOptions& options, plugin::Log& log)
    : dialect_(dialect),
      options_(options),
      log_(log),
      pool_(std::make_unique<Pool>(dialect_, options_)),
      writes_(
          std::make_unique<Writes>([this](std::span<Write* const> writes) { run_group(writes); })) {
}

Db::~Db() = default;

std::string SqlError::reason() const {
  const std::string_view text = what();
  return std::string(text.substr(0, text.find(kWhileExecuting)));
}

void Db::start() {
  try {
    pool_->give_back(pool_->take());
  } catch (const SqlError& error) {
    if (error.kind() == Failure::Kind::denied) {
      throw Error(Error::Code::invalid_config, std::string("index: connect: ") + error.what());
    }
    throw translated("connect", error);
  }
}

void Db::stop() noexcept { pool_->drop_idle(); }

void Db::run(const char* what, const Work& work) { repeat(what, Mode::read, work); }
void Db::write(const char* what, const Work& work) { repeat(what, Mode::write, work); }
void Db::transaction(const char* what, const Work& work) { repeat(what, Mode::transaction, work); }

void Db::repeat(const char* what, Mode mode, const Work& work) {
  const auto begin = std::chrono::steady_clock::now();
  for (Attempt attempt;; ++attempt.number) {
    try {
      if (mode != Mode::read && dialect_.one_writer()) return run_in_turn(mode, work, attempt);
      return run_once(mode, work, attempt);
    } catch (const SqlError& error) {
      if (error.kind() == Failure::Kind::bad_value) {
        throw Refused(Refused::Reason::invalid_value, Refused::Subject::none,
                      "The index cannot take a value: " + error.reason());
      }
      const auto spent = std::chrono::steady_clock::now() - begin;
      if (!again(error.kind(), attempt.number, options_.max_retries, spent)) {
        throw translated(what, error);
      }
      if (log_.enabled(plugin::Log::Level::debug)) {
        log_.debug(std::string("index: retry operation=\"") + what + "\" attempt=" +
                   std::to_string(attempt.number) + " error=\"" + error.what() + "\"");
      }
    }
    pause(attempt.number);
  }
}

void Db::run_in_turn(Mode mode, const Work& work, const Attempt& attempt) {
  Write write{mode, work, attempt, nullptr};
  if (!writes_->run(write, options_.lock_wait)) {
    throw SqlError({Failure::Kind::lock_timeout, {}}, "other writers hold the database");
  }
  if (write.failure) std::rethrow_exception(write.failure);
}

void Db::run_group(std::span<Write* const> writes) noexcept {
  try {
    if (writes.size() > 1) return run_together(writes);
    Attempt attempt = writes.front()->attempt;
    run_once(writes.front()->mode, writes.front()->work, attempt);
  } catch (...) {
    // Nothing was committed. Who has failed himself keeps his own reason.
    for (Write* write : writes) {
      if (!write->failure) write->failure = std::current_exception();
    }
  }
}

void Db::run_together(std::span<Write* const> writes) {
  Attempt once;  // the transaction as such is not run again
  const Work all = [writes](Connection& connection, const Attempt&) {
    for (Write* write : writes) run_within(connection, *write);
  };
  run_once(Mode::transaction, all, once);
}

/// One of a group; what it throws undoes it alone.
void Db::run_within(Connection& connection, Write& write) {
  connection.execute("SAVEPOINT work");
  try {
    write.work(connection, write.attempt);
  } catch (...) {
    write.failure = std::current_exception();
  }
  try {
    if (write.failure) connection.execute("ROLLBACK TO work");
    connection.execute("RELEASE work");
  } catch (const SqlError& error) {
    // The database has given up the whole transaction, for want of space or memory: each of the
    // group tries again, and the one at fault finds out.
    throw SqlError({Failure::Kind::conflict, {}}, error.what());
  }
}

void Db::run_once(Mode mode, const Work& work, Attempt& attempt) {
  std::unique_ptr<Connection> connection = pool_->take();
  bool may_have_happened = mode == Mode::write;
  const auto roll_back = [&] {
    if (mode != Mode::transaction) return pool_->give_back(std::move(connection));
    try {
      connection->execute("ROLLBACK");
    } catch (const SqlError&) {
      connection.reset();  // closing it rolls back
    }
    pool_->give_back(std::move(connection));
  };
  try {
    if (mode == Mode::transaction) connection->execute(dialect_.begin_write());
    work(*connection, attempt);
    if (mode == Mode::transaction) {
      may_have_happened = true;
      connection->execute("COMMIT");
    }
  } catch (const SqlError& error) {
    if (error.kind() == Failure::Kind::lost) {
      if (may_have_happened) attempt.maybe_done = true;
      pool_->give_back(nullptr);
      pool_->drop_idle();
    } else {
      roll_back();
    }
    throw;
  } catch (...) {
    roll_back();
    throw;
  }
  pool_->give_back(std::move(connection));
}

Timestamp now_us() { return floor_us(std::chrono::system_clock::now()); }

Timestamp floor_us(Timestamp time) { return std::chrono::floor<std::chrono::microseconds>(time); }

}  // namespace gnocchi::sql
