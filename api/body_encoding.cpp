#include "api/body_encoding.h"

#include <zlib.h>

#include <algorithm>

#include "api/errors.h"

namespace gnocchi::api {
namespace {

constexpr std::size_t kFirstBytes = std::size_t{64} << 10;
constexpr int kGzipWindow = 15 + 16;  // the largest window; 16: with gzip's header and checksum

[[noreturn]] void refuse_encoding(const char* reason) {
  throw HttpError(400, cause_detail_reason("Value error", "body", reason));
}

class Inflater {
 public:
  explicit Inflater(std::string_view packed) {
    // zlib only reads it, but its structure has no const.
    stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(packed.data()));
    stream_.avail_in = static_cast<uInt>(packed.size());
    if (inflateInit2(&stream_, kGzipWindow) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  std::string run(std::size_t most_bytes) {
    std::string plain(std::min(kFirstBytes, most_bytes + 1), '\0');
    for (;;) {
      stream_.next_out = reinterpret_cast<Bytef*>(plain.data() + stream_.total_out);
      stream_.avail_out = static_cast<uInt>(plain.size() - stream_.total_out);
      const int verdict = inflate(&stream_, Z_NO_FLUSH);
      if (stream_.total_out > most_bytes) throw HttpError(413);
      if (verdict == Z_STREAM_END) break;
      if (verdict != Z_OK) refuse_encoding("the body is no gzip");
      if (stream_.avail_out > 0) refuse_encoding("the gzip body ends too early");
      plain.resize(std::min(plain.size() * 2, most_bytes + 1));
    }
    if (stream_.avail_in > 0) refuse_encoding("more follows after the gzip body");
    plain.resize(stream_.total_out);
    return plain;
  }

 private:
  z_stream stream_{};
};

}  // namespace

std::string gunzip(std::string_view packed, std::size_t most_bytes) {
  return Inflater(packed).run(most_bytes);
}

std::string plain_body(const Request& request, std::size_t most_bytes) {
  const auto encoding = request.headers.get("Content-Encoding").value_or("identity");
  if (equals_ignoring_case(encoding, "gzip")) return gunzip(request.body, most_bytes);
  if (equals_ignoring_case(encoding, "identity")) return request.body;
  throw HttpError(415, "Content-Encoding " + std::string(encoding) +
                           " is not supported (supported: gzip, identity)");
}

}  // namespace gnocchi::api
