#include <soci/mysql/soci-mysql.h>
#include <soci/soci.h>

#include <algorithm>

#include "indexer-mysql/mysql_dialect.h"
#include "indexer-sql/db.h"

namespace gnocchi::mysql {
namespace {

class SociConnection final : public sql::Connection {
 public:
  explicit SociConnection(const MysqlDialect& dialect)
      : Connection(dialect), mysql_dialect_(dialect) {
    translated([&] { session_.open(soci::mysql, dialect.connect_string()); });
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

  void query(const std::string& statement, std::span<const sql::ColumnKind> kinds,
             const std::function<void(const sql::Row&)>& each) override {
    std::vector<sql::Row::Cell> cells(kinds.size());
    std::vector<std::string> texts(kinds.size());
    std::vector<soci::indicator> indicators(kinds.size(), soci::i_ok);
    // `each` is called outside translated(): what it throws is not the database's.
    std::unique_ptr<soci::statement> prepared;
    bool more = false;
    translated([&] {
      prepared = std::make_unique<soci::statement>(session_);
      for (std::size_t i = 0; i < kinds.size(); ++i) {
        switch (kinds[i]) {
          case sql::ColumnKind::text:
            prepared->exchange(soci::into(texts[i], indicators[i]));
            break;
          case sql::ColumnKind::integer:
            prepared->exchange(soci::into(cells[i].integer, indicators[i]));
            break;
          case sql::ColumnKind::real:
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
      for (std::size_t i = 0; i < cells.size(); ++i) {
        cells[i].null = indicators[i] == soci::i_null;
        cells[i].text = texts[i];
      }
      each(sql::Row(cells));
      translated([&] { more = prepared->fetch(); });
    }
  }

 private:
  template <class F>
  void translated(F f) {
    try {
      f();
    } catch (const soci::soci_error& error) {
      throw sql::SqlError(mysql_dialect_.classify(error), error.what());
    }
  }

  const MysqlDialect& mysql_dialect_;
  soci::session session_;
};

}  // namespace

std::unique_ptr<sql::Connection> MysqlDialect::connect() const {
  return std::make_unique<SociConnection>(*this);
}

}  // namespace gnocchi::mysql
