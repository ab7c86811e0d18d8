import Glibc
import NIOCore
import Synchronization

/// The floor of a durable write: one thread takes all waiting bodies, writes each at a multiple of 4 KiB into a file that has been written
/// before, syncs once, and completes them.
final class GroupWriter: Sendable {
    struct Failure: Error {
        var call: String
        var code: Int32
    }

    private struct Waiting {
        var bodies: [ByteBuffer] = []
        var promises: [EventLoopPromise<Void>] = []
    }

    private let waiting = Mutex(Waiting())
    private let wake: WakeSemaphore
    private let descriptor: Int32

    /// Bytes of the file; writing starts over at its end. Large enough for the page cache to behave as with a real log.
    private static let fileBytes = 256 << 20
    private static let alignment = 4096

    /// Opens the file and writes it once from end to end, so that no sync has to allocate.
    init(path: String) throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Failure(call: "open", code: errno) }
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        for offset in stride(from: 0, to: Self.fileBytes, by: zeros.count) {
            guard pwrite(descriptor, zeros, zeros.count, off_t(offset)) == zeros.count else {
                throw Failure(call: "pwrite", code: errno)
            }
        }
        guard fsync(descriptor) == 0 else { throw Failure(call: "fsync", code: errno) }
        wake = WakeSemaphore()
        let context = Unmanaged.passRetained(self).toOpaque()
        var thread = pthread_t()
        let entry: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
            if let context { Unmanaged<GroupWriter>.fromOpaque(context).takeRetainedValue().run() }
            return nil
        }
        let code = pthread_create(&thread, nil, entry, context)
        guard code == 0 else { throw Failure(call: "pthread_create", code: code) }
    }

    func append(_ body: ByteBuffer, _ promise: EventLoopPromise<Void>) {
        waiting.withLock {
            $0.bodies.append(body)
            $0.promises.append(promise)
        }
        wake.signal()
    }

    private func run() {
        var offset = 0
        var block: [UInt8] = []
        while true {
            wake.wait()
            let group = waiting.withLock { group in
                defer { group = Waiting() }
                return group
            }
            if group.bodies.isEmpty { continue }
            block.removeAll(keepingCapacity: true)
            for body in group.bodies {
                block.append(contentsOf: body.readableBytesView)
                let tail = block.count % Self.alignment
                if tail > 0 { block.append(contentsOf: repeatElement(0, count: Self.alignment - tail)) }
            }
            if offset + block.count > Self.fileBytes { offset = 0 }
            guard pwrite(descriptor, block, block.count, off_t(offset)) == block.count, fdatasync(descriptor) == 0
            else {
                say("floor: the write or the sync failed, errno \(errno)", to: STDERR_FILENO)
                exit(74)
            }
            offset += block.count
            complete(group.promises)
        }
    }

    /// One call into each loop for all of its promises.
    private func complete(_ promises: [EventLoopPromise<Void>]) {
        var byLoop: [ObjectIdentifier: [EventLoopPromise<Void>]] = [:]
        for promise in promises {
            byLoop[ObjectIdentifier(promise.futureResult.eventLoop), default: []].append(promise)
        }
        for group in byLoop.values {
            group[0].futureResult.eventLoop.execute { for promise in group { promise.succeed() } }
        }
    }
}

/// A counting semaphore of the C library.
///
/// `@unchecked Sendable`: the C library synchronises it.
final class WakeSemaphore: @unchecked Sendable {
    private let storage = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(storage, 0, 0) }

    deinit {
        sem_destroy(storage)
        storage.deallocate()
    }

    func signal() { sem_post(storage) }

    func wait() { while sem_wait(storage) != 0 {} }
}
