#include "indexer-sql/session.h"

#include <soci/soci.h>

#include <limits>

#include "gnocchi/error.h"

namespace gnocchi::sql {

Connection::~Connection() = default;

bool Connection::exists(const std::string& statement) {
  bool found = false;
  const ColumnKind kinds[] = {ColumnKind::text};
  query(statement, kinds, [&](const Row&) { found = true; });
  return found;
}

std::optional<std::string> Row::text_or_null(std::size_t i) const {
  if (null(i)) return std::nullopt;
  return text(i);
}

Uuid Row::uuid(std::size_t i) const {
  const auto id = Uuid::from_raw(text(i));
  if (!id) {
    throw Error(Error::Code::corrupt_data,
                "index: a uuid column holds " + std::to_string(text(i).size()) + " bytes");
  }
  return *id;
}

Timestamp Row::timestamp(std::size_t i) const {
  constexpr std::int64_t kMaxUs = std::numeric_limits<std::int64_t>::max() / 1000;
  const std::int64_t us = std::clamp<std::int64_t>(integer(i), -kMaxUs, kMaxUs);
  return Timestamp(std::chrono::microseconds(us));
}

std::optional<Timestamp> Row::timestamp_or_null(std::size_t i) const {
  if (null(i)) return std::nullopt;
  return timestamp(i);
}

std::size_t Columns::add(std::string_view expression, ColumnKind kind) {
  if (!sql_.empty()) sql_ += ", ";
  sql_ += expression;
  kinds_.push_back(kind);
  return kinds_.size() - 1;
}

namespace {

class SociConnection final : public Connection {
 public:
  explicit SociConnection(const Dialect& dialect) : Connection(dialect) {
    translated([&] { session_.open(dialect.backend(), dialect.connect_string()); });
    for (const std::string& statement : dialect.session_setup()) execute(statement);
  }

  std::uint64_t execute(const std::string& statement) override {
    std::uint64_t matched = 0;
    translated([&] {
      soci::statement prepared(session_);
      prepared.alloc();
      prepared.prepare(statement);
      prepared.define_and_bind();
      prepared.execute(true);
      matched = static_cast<std::uint64_t>(std::max<long long>(0, prepared.get_affected_rows()));
    });
    return matched;
  }

  void query(const std::string& statement, std::span<const ColumnKind> kinds,
             const std::function<void(const Row&)>& each) override {
    std::vector<Row::Cell> cells(kinds.size());
    std::vector<soci::indicator> indicators(kinds.size(), soci::i_ok);
    // `each` is called outside translated(): what it throws is not the database's.
    std::unique_ptr<soci::statement> prepared;
    bool more = false;
    translated([&] {
      prepared = std::make_unique<soci::statement>(session_);
      for (std::size_t i = 0; i < kinds.size(); ++i) {
        switch (kinds[i]) {
          case ColumnKind::text:
            prepared->exchange(soci::into(cells[i].text, indicators[i]));
            break;
          case ColumnKind::integer:
            prepared->exchange(soci::into(cells[i].integer, indicators[i]));
            break;
          case ColumnKind::real:
            prepared->exchange(soci::into(cells[i].real, indicators[i]));
            break;
        }
      }
      prepared->alloc();
      prepared->prepare(statement);
      prepared->define_and_bind();
      more = prepared->execute(true);
    });
    while (more) {
      for (std::size_t i = 0; i < cells.size(); ++i) cells[i].null = indicators[i] == soci::i_null;
      each(Row(cells));
      translated([&] { more = prepared->fetch(); });
    }
  }

 private:
  template <class F>
  void translated(F f) {
    try {
      f();
    } catch (const soci::soci_error& error) {
      throw SqlError(dialect().classify(error), error.what());
    }
  }

  soci::session session_;
};

}  // namespace

std::unique_ptr<Connection> connect(const Dialect& dialect) {
  return std::make_unique<SociConnection>(dialect);
}

}  // namespace gnocchi::sql
