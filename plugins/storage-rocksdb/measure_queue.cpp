#include "measure_queue.h"

#include <algorithm>
#include <memory>
#include <unordered_set>
#include <utility>

#include "bytes.h"
#include "gnocchi/error.h"
#include "status.h"

namespace gnocchi::rocks {
namespace {

constexpr char kSacksKey[] = "sacks";
/// Before the number of a sack.
constexpr std::string_view kRemovedKey = "acknowledged";
constexpr std::uint32_t kMostSacks = 65'536;

/// Which entries a batch has taken, and of which metrics they hold bundles.
struct QueueReceipt final : Receipt {
  struct Entry {
    std::uint64_t sequence = 0;
    std::vector<MetricId> bundles;
  };
  std::vector<Entry> entries;
};

void check_sack_count(std::uint32_t sack_count) {
  if (sack_count >= 1 && sack_count <= kMostSacks) return;
  throw Error(Error::Code::invalid_config,
              std::to_string(sack_count) + " sacks: not in 1.." + std::to_string(kMostSacks));
}

std::string removed_key(SackNumber sack) {
  std::string key(kRemovedKey);
  put_big_endian(key, sack.value);
  return key;
}

/// Mostly the entry wanted is the next one.
void move_to(rocksdb::Iterator& entries, const std::string& key) {
  if (entries.Valid() && view(entries.key()) < key) entries.Next();
  if (!entries.Valid() || view(entries.key()) != key) entries.Seek(key);
}

}  // namespace

MeasureQueue::MeasureQueue(Database& database) : database_(database) { load(); }

void MeasureQueue::load() {
  std::string text;
  const auto status = database_.db().Get({}, database_.family(Family::settings), kSacksKey, &text);
  if (status.IsNotFound()) return;
  check("read the number of sacks", status);
  const bool is_number = !text.empty() && text.size() <= 5 &&
                         text.find_first_not_of("0123456789") == std::string::npos;
  const std::uint32_t count = is_number ? static_cast<std::uint32_t>(std::stoul(text)) : 0;
  if (count < 1 || count > kMostSacks) {
    throw Error(Error::Code::corrupt_data, "read the number of sacks: \"" + text + '"');
  }
  sacks_.assign(count, {});
  next_sequence_ = database_.next_number();
  load_removed();
  load_entries();
}

void MeasureQueue::load_removed() {
  const std::unique_ptr<rocksdb::Iterator> keys(
      database_.db().NewIterator({}, database_.family(Family::settings)));
  for (keys->Seek(std::string(kRemovedKey)); keys->Valid(); keys->Next()) {
    BytesView key = view(keys->key());
    if (!key.starts_with(kRemovedKey)) break;
    key.remove_prefix(kRemovedKey.size());
    BytesView value = view(keys->value());
    const auto sack = take_big_endian<std::uint32_t>(key);
    const auto removed = take_big_endian<std::uint64_t>(value);
    if (!sack || !removed) {
      throw Error(Error::Code::corrupt_data, "read what was acknowledged: a number that is none");
    }
    // There may have been more sacks once.
    if (*sack < sacks_.size()) sacks_[*sack].removed = *removed;
    next_sequence_ = std::max(next_sequence_, *removed + 1);
  }
  check("read what was acknowledged", keys->status());
}

void MeasureQueue::load_entries() {
  rocksdb::WriteBatch left_over;  // of appends that failed, maybe for more sacks than there are now
  const std::unique_ptr<rocksdb::Iterator> entries(
      database_.db().NewIterator({}, database_.family(Family::measures)));
  for (entries->SeekToFirst(); entries->Valid(); entries->Next()) {
    const auto key = decode_key(view(entries->key()));
    if (!key) {
      throw Error(Error::Code::corrupt_data, "read waiting measures: a key that is none");
    }
    bool waits = false;
    const auto take = [&](SackNumber sack, BytesView section) {
      if (sack.value >= sacks_.size() || key->sequence <= sacks_[sack.value].removed) return;
      waits = true;
      list(key->sequence, sack, section);
    };
    // One that is damaged is the first sack's, whose next pass tells of it.
    if (!for_each_section(key->group, view(entries->value()), take)) {
      take(SackNumber{key->group * kSacksOfAGroup}, {});
    }
    if (!waits) left_over.SingleDelete(database_.family(Family::measures), entries->key());
    next_sequence_ = std::max(next_sequence_, key->sequence + 1);
  }
  check("read waiting measures", entries->status());
  if (left_over.Count() > 0) database_.write_unsynced(left_over, "remove acknowledged measures");
}

void MeasureQueue::list(std::uint64_t sequence, SackNumber number, BytesView section) {
  Sack& sack = sacks_[number.value];
  static_cast<void>(for_each_bundle(section, [&](const MetricId& metric, BytesView) {
    ++sack.bundles[metric];
    ++sack.total;
  }));
  if (!sack.entries.contains(sequence)) sack.entries.add(sequence);
  sack.news = std::max(sack.news, sequence);
  newest_written_ = std::max(newest_written_, sequence);
}

void MeasureQueue::walk(SackNumber sack, const Sequences& sequences, const TakeSection& take) {
  if (sequences.empty()) return;
  const std::uint32_t group = sack.value / kSacksOfAGroup;
  const std::string bound = encode_key({group, sequences.back() + 1});
  const rocksdb::Slice upper(bound);
  rocksdb::ReadOptions how;
  how.iterate_upper_bound = &upper;
  const std::unique_ptr<rocksdb::Iterator> entries(
      database_.db().NewIterator(how, database_.family(Family::measures)));
  for (const std::uint64_t sequence : sequences) {
    const std::string key = encode_key({group, sequence});
    move_to(*entries, key);
    check("read sack " + std::to_string(sack.value), entries->status());
    BytesView mine;
    bool sound = false;
    if (entries->Valid() && view(entries->key()) == key) {
      sound =
          for_each_section(group, view(entries->value()), [&](SackNumber of, BytesView section) {
            if (of == sack) mine = section;
          });
    }
    if (!take(sequence, mine, sound)) return;
  }
}

void MeasureQueue::write_sack_count(std::uint32_t sack_count) {
  rocksdb::WriteBatch batch;
  batch.Put(database_.family(Family::settings), kSacksKey, std::to_string(sack_count));
  database_.write(batch, "note the number of sacks");
}

void MeasureQueue::create(std::uint32_t sack_count) {
  const std::scoped_lock guard(mutex_);
  if (!sacks_.empty()) return;
  check_sack_count(sack_count);
  write_sack_count(sack_count);
  sacks_.assign(sack_count, {});
  next_sequence_ = database_.next_number();
}

std::uint32_t MeasureQueue::sack_count() const {
  const std::scoped_lock guard(mutex_);
  return count_sacks();
}

std::uint32_t MeasureQueue::count_sacks() const {
  if (sacks_.empty()) {
    throw Error(Error::Code::invalid_config,
                "open " + database_.options().path + ": it has no sacks yet, run gnocchi-upgrade");
  }
  return static_cast<std::uint32_t>(sacks_.size());
}

void MeasureQueue::change_sack_count(std::uint32_t sack_count) {
  static_cast<void>(this->sack_count());
  check_sack_count(sack_count);
  const std::scoped_lock guard(mutex_);
  const bool waiting = std::any_of(sacks_.begin(), sacks_.end(),
                                   [](const Sack& sack) { return !sack.entries.all().empty(); });
  if (waiting || !being_written_.empty()) {
    throw Error(Error::Code::unavailable,
                database_.options().path + ": measures wait to be processed");
  }
  write_sack_count(sack_count);
  sacks_.assign(sack_count, {});
}

MeasureQueue::Sack& MeasureQueue::sack_at(SackNumber sack) {
  if (sack.value < sacks_.size()) return sacks_[sack.value];
  throw Error(Error::Code::internal, "sack " + std::to_string(sack.value) + ": there are " +
                                         std::to_string(sacks_.size()));
}

MeasureQueue::Append MeasureQueue::begin_append() {
  const std::scoped_lock guard(mutex_);
  const Append append{next_sequence_, count_sacks()};
  being_written_.push_back(append.sequence);
  ++next_sequence_;
  return append;
}

void MeasureQueue::end_append(const Append& append, std::span<const Bundle> written) {
  bool tell = false;
  bool settling = false;
  {
    const std::scoped_lock guard(mutex_);
    std::erase(being_written_, append.sequence);
    settling = settling_ > 0;
    if (!written.empty()) newest_written_ = std::max(newest_written_, append.sequence);
    for (const Bundle& bundle : written) {
      Sack& sack = sacks_[sack_of(bundle.metric, append.sack_count).value];
      ++sack.bundles[bundle.metric];
      ++sack.total;
      if (!sack.entries.contains(append.sequence)) sack.entries.add(append.sequence);
      sack.news = std::max(sack.news, append.sequence);
      // Whoever was told of the sack has yet to read it, and will find this, too: to wake a thread
      // costs more than the append.
      tell |= !std::exchange(sack.told, true);
    }
  }
  if (settling) settled_.notify_all();
  if (tell) told_.notify_all();
}

void MeasureQueue::append(std::span<const Bundle> bundles) {
  if (bundles.empty()) return;
  const Append append = begin_append();
  try {
    rocksdb::WriteBatch batch;
    for_each_entry(bundles, append.sack_count, [&](std::uint32_t group, BytesView entry) {
      batch.Put(database_.family(Family::measures), encode_key({group, append.sequence}), entry);
    });
    database_.write(batch, "accept measures");
  } catch (...) {
    end_append(append, {});
    throw;
  }
  end_append(append, bundles);
}

std::uint64_t MeasureQueue::settled_end(std::unique_lock<std::mutex>& lock) {
  const std::uint64_t written = newest_written_;
  ++settling_;
  settled_.wait(lock, [&] { return being_written_.empty() || being_written_.front() > written; });
  --settling_;
  return being_written_.empty() ? next_sequence_ : being_written_.front();
}

SackBatch MeasureQueue::read_sack(SackNumber sack, std::size_t max_bytes, plugin::Log& log) {
  Sequences sequences;
  {
    std::unique_lock lock(mutex_);
    const std::uint64_t end = settled_end(lock);
    // From here on news are news again: what comes later may miss this batch.
    sack_at(sack).told = false;
    const auto waiting = sack_at(sack).entries.all();
    sequences.assign(waiting.begin(), std::lower_bound(waiting.begin(), waiting.end(), end));
  }
  SackBatch batch{sack, {}, nullptr, false};
  auto receipt = std::make_unique<QueueReceipt>();
  std::size_t bytes = 0;
  walk(sack, sequences, [&](std::uint64_t sequence, BytesView section, bool sound) {
    if (bytes > 0 && bytes + section.size() > max_bytes) {
      batch.more = true;
      return false;
    }
    bytes += section.size();
    QueueReceipt::Entry entry{sequence, {}};
    sound &= for_each_bundle(section, [&](const MetricId& metric, BytesView data) {
      entry.bundles.push_back(metric);
      batch.bundles.push_back({metric, Bytes(data)});
    });
    if (!sound) {
      log.error("waiting measures damaged, measures lost sack=" + std::to_string(sack.value) +
                " sequence=" + std::to_string(sequence));
    }
    receipt->entries.push_back(std::move(entry));
    return true;
  });
  if (!receipt->entries.empty()) batch.receipt = std::move(receipt);
  return batch;
}

bool MeasureQueue::others_wait(SackNumber sack, std::uint64_t sequence) const {
  const std::size_t first = sack.value - sack.value % kSacksOfAGroup;
  const std::size_t end = std::min(first + kSacksOfAGroup, sacks_.size());
  for (std::size_t other = first; other < end; ++other) {
    if (other != sack.value && sacks_[other].entries.contains(sequence)) return true;
  }
  return false;
}

void MeasureQueue::acknowledge(const SackBatch& batch) {
  const auto* receipt = dynamic_cast<const QueueReceipt*>(batch.receipt.get());
  if (!receipt) return;
  const std::uint64_t last = receipt->entries.back().sequence;
  const std::scoped_lock turn(acknowledging_);
  std::uint64_t removed = 0;
  rocksdb::WriteBatch changes;
  {
    const std::scoped_lock guard(mutex_);
    removed = sack_at(batch.sack).removed;
    for (const QueueReceipt::Entry& entry : receipt->entries) {
      if (entry.sequence <= removed || others_wait(batch.sack, entry.sequence)) continue;
      // An entry is written once and removed once: the pair vanishes when memory is written out.
      changes.SingleDelete(database_.family(Family::measures),
                           encode_key({batch.sack.value / kSacksOfAGroup, entry.sequence}));
    }
  }
  if (last <= removed) return;
  std::string number;
  put_big_endian(number, last);
  changes.Put(database_.family(Family::settings), removed_key(batch.sack), number);
  // If this is lost in a power cut, the work is done again. It cannot outlive what storage wrote
  // before it: they are in one log.
  database_.write_unsynced(changes, "acknowledge measures");
  const std::scoped_lock guard(mutex_);
  Sack& sack = sack_at(batch.sack);
  for (const QueueReceipt::Entry& entry : receipt->entries) {
    if (entry.sequence <= removed) continue;
    sack.total -= entry.bundles.size();
    for (const MetricId& metric : entry.bundles) {
      const auto found = sack.bundles.find(metric);
      if (found != sack.bundles.end() && --found->second == 0) sack.bundles.erase(found);
    }
  }
  sack.entries.remove_up_to(last);
  sack.removed = last;
}

std::optional<std::vector<std::vector<Bytes>>> MeasureQueue::read_pending(
    std::span<const MetricId> metrics, std::size_t max_bytes) {
  std::vector<std::vector<Bytes>> pending(metrics.size());
  std::unordered_map<MetricId, std::vector<std::size_t>> places;
  std::unordered_map<SackNumber, Sequences> sacks;
  {
    const std::scoped_lock guard(mutex_);
    for (std::size_t i = 0; i < metrics.size() && !sacks_.empty(); ++i) {
      const SackNumber number = sack_of(metrics[i], static_cast<std::uint32_t>(sacks_.size()));
      const Sack& sack = sacks_[number.value];
      if (!sack.bundles.contains(metrics[i])) continue;
      places[metrics[i]].push_back(i);
      const auto waiting = sack.entries.all();
      sacks.try_emplace(number, waiting.begin(), waiting.end());
    }
  }
  std::size_t bytes = 0;
  for (const auto& [sack, sequences] : sacks) {
    walk(sack, sequences, [&](std::uint64_t, BytesView section, bool) {
      bytes += section.size();
      if (bytes > max_bytes) return false;
      // What was acknowledged meanwhile is empty; what is damaged, a pass tells of.
      static_cast<void>(for_each_bundle(section, [&](const MetricId& metric, BytesView data) {
        const auto found = places.find(metric);
        if (found == places.end()) return;
        for (const std::size_t place : found->second) pending[place].emplace_back(data);
      }));
      return true;
    });
    if (bytes > max_bytes) return std::nullopt;
  }
  return pending;
}

IncomingReport MeasureQueue::report(bool details) const {
  const std::scoped_lock guard(mutex_);
  IncomingReport report;
  for (const Sack& sack : sacks_) {
    report.metrics += sack.bundles.size();
    report.bundles += sack.total;
    if (details)
      report.details.insert(report.details.end(), sack.bundles.begin(), sack.bundles.end());
  }
  return report;
}

std::vector<SackNumber> MeasureQueue::with_pending(std::span<const SackNumber> sacks) const {
  const std::scoped_lock guard(mutex_);
  std::vector<SackNumber> found;
  for (const SackNumber sack : sacks) {
    if (sack.value < sacks_.size() && !sacks_[sack.value].entries.all().empty()) {
      found.push_back(sack);
    }
  }
  return found;
}

std::vector<SackNumber> MeasureQueue::wait(Listener& listener, std::span<const SackNumber> sacks,
                                           std::chrono::steady_clock::time_point until) {
  std::unique_lock lock(mutex_);
  const std::uint64_t wakes = listener.wakes;
  std::vector<SackNumber> news;
  const auto look = [&] {
    if (listener.heard.size() != sacks_.size()) listener.heard.assign(sacks_.size(), 0);
    for (const SackNumber sack : sacks) {
      if (sack.value >= sacks_.size()) continue;
      if (listener.heard[sack.value] == sacks_[sack.value].news) continue;
      listener.heard[sack.value] = sacks_[sack.value].news;
      news.push_back(sack);
    }
    return !news.empty() || listener.wakes != wakes;
  };
  told_.wait_until(lock, until, look);
  return news;
}

void MeasureQueue::wake(Listener& listener) noexcept {
  {
    const std::scoped_lock guard(mutex_);
    ++listener.wakes;
  }
  told_.notify_all();
}

}  // namespace gnocchi::rocks
