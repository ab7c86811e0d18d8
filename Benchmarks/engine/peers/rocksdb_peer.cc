// RocksDB through its C API, which Debian's library and the one in the aimrocks wheel both export. Its defaults, but
// for what the run fixes for everybody: memory, filters of 10 bits a key, a fast codec, direct I/O; and for checksums
// of blocks, where the older version gets the newer one's default, since neither build has the processor's CRC.
#include "store.h"

#include <rocksdb/c.h>
#include <rocksdb/version.h>
#include <unistd.h>

namespace {

// Ends the program with what RocksDB says.
void check(char *error) {
    if (error != nullptr) fail(std::string("RocksDB: ") + error);
}

class RocksSession final : public Session {
public:
    explicit RocksSession(rocksdb_t *database) : database_(database) {
        rocksdb_writeoptions_set_sync(synced_, 1);
    }

    ~RocksSession() override {
        rocksdb_readoptions_destroy(read_);
        rocksdb_writeoptions_destroy(synced_);
        rocksdb_writeoptions_destroy(unsynced_);
    }

    void put(std::string_view key, std::string_view value, bool sync) override {
        char *error = nullptr;
        rocksdb_put(
            database_, sync ? synced_ : unsynced_, key.data(), key.size(), value.data(), value.size(), &error);
        check(error);
    }

    void write(const Batch &batch, bool sync) override {
        rocksdb_writebatch_t *all = rocksdb_writebatch_create();
        for (const auto &[key, value] : batch) {
            rocksdb_writebatch_put(all, key.data(), key.size(), value.data(), value.size());
        }
        char *error = nullptr;
        rocksdb_write(database_, sync ? synced_ : unsynced_, all, &error);
        rocksdb_writebatch_destroy(all);
        check(error);
    }

    void remove(std::string_view key, bool sync) override {
        char *error = nullptr;
        rocksdb_delete(database_, sync ? synced_ : unsynced_, key.data(), key.size(), &error);
        check(error);
    }

    bool get(std::string_view key, std::string &value) override {
        char *error = nullptr;
        // Pinned: the value is copied once, out of the block cache.
        rocksdb_pinnableslice_t *found = rocksdb_get_pinned(database_, read_, key.data(), key.size(), &error);
        check(error);
        if (found == nullptr) return false;
        size_t length = 0;
        const char *bytes = rocksdb_pinnableslice_value(found, &length);
        value.assign(bytes, length);
        rocksdb_pinnableslice_destroy(found);
        return true;
    }

    void scan(
        std::string_view from, size_t count,
        const std::function<void(std::string_view, std::string_view)> &visit) override {
        rocksdb_iterator_t *iterator = rocksdb_create_iterator(database_, read_);
        rocksdb_iter_seek(iterator, from.data(), from.size());
        for (size_t i = 0; i < count && rocksdb_iter_valid(iterator); i++) {
            size_t key_length = 0;
            size_t value_length = 0;
            const char *key = rocksdb_iter_key(iterator, &key_length);
            const char *value = rocksdb_iter_value(iterator, &value_length);
            visit({key, key_length}, {value, value_length});
            rocksdb_iter_next(iterator);
        }
        char *error = nullptr;
        rocksdb_iter_get_error(iterator, &error);
        rocksdb_iter_destroy(iterator);
        check(error);
    }

private:
    rocksdb_t *database_;
    rocksdb_readoptions_t *read_ = rocksdb_readoptions_create();
    rocksdb_writeoptions_t *synced_ = rocksdb_writeoptions_create();
    rocksdb_writeoptions_t *unsynced_ = rocksdb_writeoptions_create();
};

class RocksStore final : public Store {
public:
    explicit RocksStore(const StoreSettings &settings) {
        rocksdb_block_based_table_options_t *table = rocksdb_block_based_options_create();
        cache_ = rocksdb_cache_create_lru(settings.cache_bytes);
        rocksdb_block_based_options_set_block_cache(table, cache_);
        rocksdb_block_based_options_set_filter_policy(table, rocksdb_filterpolicy_create_bloom_full(10));
        options_ = rocksdb_options_create();
        rocksdb_options_set_create_if_missing(options_, 1);
        rocksdb_options_set_block_based_table_factory(options_, table);
        rocksdb_block_based_options_destroy(table);
        rocksdb_options_set_write_buffer_size(options_, settings.memtable_bytes);
        rocksdb_options_set_compression(options_, BENCH_COMPRESSION);
        set_fast_checksum();
        if (settings.direct) {
            rocksdb_options_set_use_direct_reads(options_, 1);
            rocksdb_options_set_use_direct_io_for_flush_and_compaction(options_, 1);
        }
        char *error = nullptr;
        database_ = rocksdb_open(options_, settings.directory.c_str(), &error);
        check(error);
    }

    ~RocksStore() override {
        rocksdb_close(database_);
        rocksdb_options_destroy(options_);
        rocksdb_cache_destroy(cache_);
    }

    std::unique_ptr<Session> session() override { return std::make_unique<RocksSession>(database_); }

    void settle() override {
        const char *const busy[] = {
            "rocksdb.mem-table-flush-pending", "rocksdb.num-running-flushes", "rocksdb.compaction-pending",
            "rocksdb.num-running-compactions"};
        // A finished job may start the next a moment later: quiet several times in a row is settled.
        for (int quiet = 0; quiet < 5; quiet++) {
            usleep(2000);
            for (const char *property : busy) {
                uint64_t number = 0;
                rocksdb_property_int(database_, property, &number);
                if (number != 0) quiet = -1;
            }
        }
    }

    std::string about() const override {
        return "RocksDB " + std::to_string(ROCKSDB_MAJOR) + "." + std::to_string(ROCKSDB_MINOR) + "." +
               std::to_string(ROCKSDB_PATCH) + " " BENCH_BUILD;
    }

private:
    // The older C API has no call for it.
    void set_fast_checksum() {
        char *error = nullptr;
        rocksdb_options_t *changed = rocksdb_options_create();
        rocksdb_get_options_from_string(options_, "block_based_table_factory={checksum=kXXH3}", changed, &error);
        check(error);
        rocksdb_options_destroy(options_);
        options_ = changed;
    }

    rocksdb_t *database_ = nullptr;
    rocksdb_options_t *options_ = nullptr;
    rocksdb_cache_t *cache_ = nullptr;
};

}  // namespace

std::unique_ptr<Store> open_store(const StoreSettings &settings) { return std::make_unique<RocksStore>(settings); }
