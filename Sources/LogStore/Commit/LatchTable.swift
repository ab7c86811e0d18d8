/// Striped latches: updates of one key take turns at deciding, not at syncing. Waiters are served in order.
/// Thread-safe.
final class LatchTable: Sendable {
    private struct Stripe {
        var isHeld = false
        var waiters: [UnsafeContinuation<Void, Never>] = []
        var nextWaiter = 0
    }

    private final class Box: Sendable {
        let stripe = Lock(Stripe())
    }

    /// Two keys of a busy store seldom share a stripe, and a table of idle ones stays small.
    private static let stripeCount = 1024

    private let stripes: [Box] = (0..<stripeCount).map { _ in Box() }

    func stripe(of keyspace: Keyspace, _ key: [UInt8]) -> Int {
        Int(key.withUnsafeBytes { KeyHash.hash($0, seed: UInt64(keyspace.rawValue)) } % UInt64(Self.stripeCount))
    }

    func take(_ index: Int) async {
        if tryTake(index) { return }
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            let isMine = stripes[index].stripe.withLock { stripe in
                if !stripe.isHeld {
                    stripe.isHeld = true
                    return true
                }
                stripe.waiters.append(continuation)
                return false
            }
            if isMine { continuation.resume() }
        }
    }

    private func tryTake(_ index: Int) -> Bool {
        stripes[index].stripe.withLock { stripe in
            if stripe.isHeld { return false }
            stripe.isHeld = true
            return true
        }
    }

    /// Gives the latch to the next waiter, or frees it.
    func release(_ index: Int) {
        let next = stripes[index].stripe.withLock { stripe -> UnsafeContinuation<Void, Never>? in
            precondition(stripe.isHeld, "only a held latch is released")
            guard stripe.nextWaiter < stripe.waiters.count else {
                stripe.isHeld = false
                stripe.waiters.removeAll(keepingCapacity: true)
                stripe.nextWaiter = 0
                return nil
            }
            stripe.nextWaiter += 1
            return stripe.waiters[stripe.nextWaiter - 1]
        }
        next?.resume()
    }
}
