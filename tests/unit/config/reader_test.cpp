#include "core/config/reader.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace gnocchi::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<Entry> read(std::string_view text) {
  Faults faults;
  auto entries = read_ini(text, "t.conf", faults);
  EXPECT_THAT(faults.messages(), testing::IsEmpty());
  return entries;
}

std::vector<std::string> faults_of(std::string_view text) {
  Faults faults;
  read_ini(text, "t.conf", faults);
  return faults.messages();
}

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = std::filesystem::temp_directory_path() / "reader-test-XXXXXX";
    path = ::mkdtemp(pattern.data());
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path); }
  void put(const std::string& name, const std::string& text) const {
    std::ofstream(path / name) << text;
  }
  std::filesystem::path path;
};

TEST(Reader, EntryKnowsItsGroupNameValueFileAndLine) {
  const auto entries = read("# a comment\n\n[storage]\n; another\ndriver = ceph\n");
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].group, "storage");
  EXPECT_EQ(entries[0].name, "driver");
  EXPECT_EQ(entries[0].value, "ceph");
  EXPECT_EQ(entries[0].where.text(), "t.conf:5");
}

TEST(Reader, ColonSeparatesLikeEqualsAndTheFirstOfThemCounts) {
  const auto entries = read("[a]\nx: 1\ny=b:c\nz:d=e\n");
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[0].value, "1");
  EXPECT_EQ(entries[1].value, "b:c");
  EXPECT_EQ(entries[2].value, "d=e");
}

TEST(Reader, IndentedLinesContinueTheValue) {
  const auto entries = read("[a]\nx = one,\n  two,\n\tthree\ny = 2\n");
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].value, "one,\ntwo,\nthree");
  EXPECT_EQ(entries[1].value, "2");
}

TEST(Reader, EmptyLineEndsContinuation) {
  EXPECT_THAT(faults_of("[a]\nx = 1\n\n  2\n"),
              ElementsAre(HasSubstr("t.conf:4: an indented line")));
}

TEST(Reader, IndentedCommentIsNoContinuation) {
  EXPECT_EQ(read("[a]\nx = 1\n\n  # remark\ny = 2\n").size(), 2U);
}

TEST(Reader, OnePairOfQuotesIsTakenOff) {
  const auto entries = read("[a]\nx = \"  b \"\ny = 'c'\nz = \"d'\nw = \"\"e\"\"\nv = \"\n");
  ASSERT_EQ(entries.size(), 5U);
  EXPECT_EQ(entries[0].value, "  b ");
  EXPECT_EQ(entries[1].value, "c");
  EXPECT_EQ(entries[2].value, "\"d'");
  EXPECT_EQ(entries[3].value, "\"e\"");
  EXPECT_EQ(entries[4].value, "");
}

TEST(Reader, HyphensInNamesAreUnderscores) {
  EXPECT_EQ(read("[DEFAULT]\nlog-file = x\n")[0].name, "log_file");
}

TEST(Reader, WindowsLineEndsAndByteOrderMarkAreHarmless) {
  const auto entries = read("\xef\xbb\xbf[a]\r\nx = 1\r\n");
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].value, "1");
}

TEST(Reader, LastLineNeedsNoLineEnd) { EXPECT_EQ(read("[a]\nx = 1").at(0).value, "1"); }

TEST(Reader, EachBadLineIsAFaultAndTheRestIsRead) {
  Faults faults;
  const auto entries =
      read_ini("x = 1\n[a\n[]\n[b]\nnonsense\n  more of it\n= 3\ny = 4\n", "t.conf", faults);
  EXPECT_THAT(
      faults.messages(),
      ElementsAre(HasSubstr("t.conf:1: outside of any group"), HasSubstr("t.conf:2: not a group"),
                  HasSubstr("t.conf:3: not a group"), HasSubstr("t.conf:5: neither '=' nor ':'"),
                  HasSubstr("t.conf:7: no name before")));
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].name, "y");
}

TEST(Reader, MissingFileIsAFault) {
  Faults faults;
  read_ini_file("/nonexistent/gnocchi.conf", faults);
  EXPECT_THAT(
      faults.messages(),
      ElementsAre("CONFIG_INVALID  /nonexistent/gnocchi.conf: cannot be read: No such file or "
                  "directory"));
}

TEST(Reader, DirectoryInPlaceOfAFileIsAFault) {
  Faults faults;
  read_ini_file("/tmp", faults);
  EXPECT_THAT(faults.messages(), ElementsAre(HasSubstr("/tmp: cannot be read")));
}

TEST(Reader, ConfDirectoryGivesItsConfFilesInOrder) {
  const TemporaryDirectory directory;
  directory.put("20-b.conf", "");
  directory.put("10-a.conf", "");
  directory.put("readme.txt", "");
  Faults faults;
  EXPECT_THAT(conf_files_in(directory.path, faults),
              ElementsAre(directory.path / "10-a.conf", directory.path / "20-b.conf"));
  EXPECT_TRUE(faults.empty());
}

TEST(Reader, MissingConfDirectoryIsAFault) {
  const TemporaryDirectory directory;
  Faults faults;
  conf_files_in(directory.path / "missing", faults);
  EXPECT_FALSE(faults.empty());
}

}  // namespace
}  // namespace gnocchi::config
