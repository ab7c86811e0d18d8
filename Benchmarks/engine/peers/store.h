// What a peer must do for the workloads. One class a peer; everything else is shared.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// How a peer is opened: the same memory for everybody.
struct StoreSettings {
    std::string directory;
    // Bytes of the memtable that is being written.
    size_t memtable_bytes = 64u << 20;
    // Bytes of data blocks kept in memory.
    size_t cache_bytes = 256u << 20;
    // Whether tables are read and written past the page cache.
    bool direct = false;
    // Whether any commit will be synced. LMDB decides this for the whole environment.
    bool synced = false;
};

// Keys and values of one commit.
using Batch = std::vector<std::pair<std::string, std::string>>;

// One thread's use of a store. Every call ends the program when the store reports an error.
class Session {
public:
    virtual ~Session() = default;
    virtual void put(std::string_view key, std::string_view value, bool sync) = 0;
    virtual void write(const Batch &batch, bool sync) = 0;
    virtual void remove(std::string_view key, bool sync) = 0;
    // Copies the value out, as ours does. False when the key is absent.
    virtual bool get(std::string_view key, std::string &value) = 0;
    // Calls `visit` with up to `count` entries from `from` on, in order.
    virtual void scan(
        std::string_view from, size_t count, const std::function<void(std::string_view, std::string_view)> &visit) = 0;
};

class Store {
public:
    virtual ~Store() = default;
    virtual std::unique_ptr<Session> session() = 0;
    // Returns when flushes and compactions have nothing left to do.
    virtual void settle() = 0;
    // Version, and whatever else of the build and the settings bears on speed.
    virtual std::string about() const = 0;
};

// Implemented by each peer. Makes the store when there is none.
std::unique_ptr<Store> open_store(const StoreSettings &settings);

// Says why and ends the program.
[[noreturn]] void fail(const std::string &why);
