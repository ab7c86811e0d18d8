import Glibc

/// libFuzzer's own `main`, with another function to feed.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ argumentCount: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// What can be fuzzed: what reads the disk, and what reads clients' texts.
private enum FuzzTarget {
    case decoder(DecoderTarget)
    case text(TextTarget)

    static let names = DecoderTarget.allCases.map(\.rawValue) + TextTarget.allCases.map(\.rawValue)

    init?(name: String) {
        if let target = DecoderTarget(rawValue: name) {
            self = .decoder(target)
        } else if let target = TextTarget(rawValue: name) {
            self = .text(target)
        } else {
            return nil
        }
    }

    var seeds: [[UInt8]] {
        switch self {
        case .decoder(let target): target.seeds
        case .text(let target): target.seeds
        }
    }

    func read(_ bytes: UnsafeRawBufferPointer) {
        switch self {
        case .decoder(let target): target.decode(bytes)
        case .text(let target): target.read(bytes)
        }
    }
}

/// What this process fuzzes. Written once, before the driver starts.
private nonisolated(unsafe) var chosen = FuzzTarget.decoder(.commits)

/// Runs one target: `fuzz TARGET [libFuzzer's arguments]`; `fuzz list` names them, `fuzz seeds TARGET DIRECTORY` writes
/// the first inputs.
@_cdecl("fuzz_main")
public func fuzzMain(
    _ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> CInt {
    let words = (0..<Int(count)).map { index in arguments[index].map { String(cString: $0) } ?? "" }
    if words.count == 2, words[1] == "list" {
        for name in FuzzTarget.names { print(name) }
        return 0
    }
    if words.count == 4, words[1] == "seeds", let target = FuzzTarget(name: words[2]) {
        return writeSeeds(of: target, to: words[3])
    }
    guard words.count >= 2, let target = FuzzTarget(name: words[1]) else {
        print("usage: fuzz list | fuzz seeds TARGET DIRECTORY | fuzz TARGET [ARGUMENT OF LIBFUZZER]…")
        return 64
    }
    chosen = target
    arguments[1] = arguments[0]
    var rest = count - 1
    var pointer = arguments + 1
    return runDriver(&rest, &pointer) { bytes, count in
        chosen.read(UnsafeRawBufferPointer(start: bytes, count: count))
        return 0
    }
}

private func writeSeeds(of target: FuzzTarget, to directory: String) -> CInt {
    for (index, seed) in target.seeds.enumerated() {
        guard let file = fopen("\(directory)/seed-\(index)", "w") else { return 73 }
        let written = fwrite(seed, 1, seed.count, file)
        guard fclose(file) == 0, written == seed.count else { return 74 }
    }
    return 0
}
