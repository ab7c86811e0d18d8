"""The engine beside RocksDB, LevelDB and LMDB, and beside what fio gets from the disk."""
