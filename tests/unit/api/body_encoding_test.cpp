#include "api/body_encoding.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "api/errors.h"

namespace gnocchi::api {
namespace {

std::string gzip(const std::string& plain) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string packed(deflateBound(&stream, plain.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

template <class F>
int status_of(F call) {
  try {
    call();
  } catch (const HttpError& error) {
    return error.status();
  }
  return 200;
}

TEST(BodyEncoding, GzipIsUnpacked) {
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{65536}, std::size_t{1000000}}) {
    std::string plain;
    while (plain.size() < size) plain += std::to_string(plain.size() * 7919) + ",";
    plain.resize(size);
    EXPECT_EQ(gunzip(gzip(plain), 1 << 20), plain);
  }
}

TEST(BodyEncoding, WhatUnpacksToTooMuchIsRefused) {
  const std::string bomb = gzip(std::string(10 << 20, 'x'));
  ASSERT_LT(bomb.size(), std::size_t{20000});
  EXPECT_EQ(status_of([&] { gunzip(bomb, 1 << 20); }), 413);
  const std::string exact = gzip(std::string(1 << 20, 'x'));
  EXPECT_EQ(gunzip(exact, 1 << 20).size(), std::size_t{1} << 20);
  EXPECT_EQ(status_of([&] { gunzip(exact, (1 << 20) - 1); }), 413);
}

TEST(BodyEncoding, WhatIsNoGzipIsRefused) {
  const std::string packed = gzip("m,host=a f=1");
  EXPECT_EQ(status_of([&] { gunzip("m,host=a f=1", 100); }), 400);
  EXPECT_EQ(status_of([&] { gunzip("", 100); }), 400);
  EXPECT_EQ(status_of([&] { gunzip(packed + "x", 100); }), 400);
  for (std::size_t size = 0; size < packed.size(); ++size) {
    EXPECT_EQ(status_of([&] { gunzip(packed.substr(0, size), 100); }), 400) << size;
  }
  std::string damaged = packed;
  damaged[packed.size() - 6] ^= 1;  // in the checksum
  EXPECT_EQ(status_of([&] { gunzip(damaged, 100); }), 400);
}

TEST(BodyEncoding, TheHeaderDecides) {
  Request request;
  request.body = "plain";
  EXPECT_EQ(plain_body(request, 100), "plain");
  request.headers.set("Content-Encoding", "br");
  EXPECT_EQ(status_of([&] { plain_body(request, 100); }), 415);
  request.headers.set("Content-Encoding", "GZIP");
  EXPECT_EQ(status_of([&] { plain_body(request, 100); }), 400);
  request.body = gzip("packed");
  EXPECT_EQ(plain_body(request, 100), "packed");
}

}  // namespace
}  // namespace gnocchi::api
