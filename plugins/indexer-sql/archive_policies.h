#pragma once

#include "gnocchi/indexer.h"
#include "indexer-sql/db.h"

namespace gnocchi::sql {

/// Archive policies and their rules. Names are looked up with the database's own idea of equality,
/// as foreign keys do.
class SqlArchivePolicies final : public ArchivePolicyIndex {
 public:
  explicit SqlArchivePolicies(Db& db) : db_(db) {}

  std::vector<ArchivePolicy> list() override;
  std::optional<ArchivePolicy> get(std::string_view name) override;
  void create(const ArchivePolicy& policy) override;
  void update(const ArchivePolicy& policy) override;
  void remove(std::string_view name) override;

  std::vector<ArchivePolicyRule> list_rules() override;
  std::optional<ArchivePolicyRule> get_rule(std::string_view name) override;
  void create_rule(const ArchivePolicyRule& rule) override;
  ArchivePolicyRule rename_rule(std::string_view name, std::string_view new_name) override;
  void remove_rule(std::string_view name) override;

 private:
  std::vector<ArchivePolicy> read(Connection& connection, const std::string& where);
  std::vector<ArchivePolicyRule> read_rules(Connection& connection, const std::string& where);

  Db& db_;
};

}  // namespace gnocchi::sql
