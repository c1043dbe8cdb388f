#include "store.h"

#include <filesystem>
#include <map>
#include <string>

namespace gnocchi::rocks {
namespace {

/// The stores open in this process, by path.
class OpenStores {
 public:
  static OpenStores& instance() {
    static OpenStores stores;
    return stores;
  }

  std::shared_ptr<Store> open(const DatabaseOptions& options, bool create, plugin::Log& log) {
    const std::string path = std::filesystem::weakly_canonical(options.path).string();
    const std::scoped_lock guard(mutex_);
    std::weak_ptr<Store>& known = stores_[path];
    if (auto store = known.lock()) {
      check_same(options, store->database.options());
      store->info_log->add(log);
      return store;
    }
    const auto info_log = std::make_shared<InfoLog>();
    info_log->add(log);
    auto store = std::make_shared<Store>(options, create, log, info_log);
    known = store;
    return store;
  }

  /// Under the lock, so that nobody opens a database while it is being closed.
  void let_go(std::shared_ptr<Store>& store, const plugin::Log& log) noexcept {
    const std::scoped_lock guard(mutex_);
    store->info_log->remove(log);
    store.reset();
    std::erase_if(stores_, [](const auto& entry) { return entry.second.expired(); });
  }

 private:
  static void check_same(const DatabaseOptions& wanted, const DatabaseOptions& open) {
    if (wanted == open) return;
    throw Error(Error::Code::invalid_config,
                "open " + wanted.path +
                    ": storage and incoming share the database, so the rocksdb options of "
                    "[incoming] and [storage] must be the same; set them in [storage] alone");
  }

  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<Store>> stores_;
};

}  // namespace

void StoreUse::open_if_there() {
  if (Database::exists(options_.path)) open(false);
}

void StoreUse::open(bool create) {
  const std::scoped_lock guard(mutex_);
  if (store_) return;
  store_ = OpenStores::instance().open(options_, create, log_);
  ready_.store(store_.get(), std::memory_order_release);
}

Store& StoreUse::get(Error::Code code_if_missing) {
  if (Store* ready = ready_.load(std::memory_order_acquire)) return *ready;
  if (!Database::exists(options_.path)) {
    throw Error(code_if_missing,
                "open " + options_.path + ": no database is there, run gnocchi-upgrade");
  }
  open(false);
  return *ready_.load(std::memory_order_acquire);
}

void StoreUse::close() noexcept {
  const std::scoped_lock guard(mutex_);
  ready_ = nullptr;
  if (store_) OpenStores::instance().let_go(store_, log_);
}

}  // namespace gnocchi::rocks
