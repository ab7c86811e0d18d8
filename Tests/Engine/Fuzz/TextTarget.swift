import Dispatch
import Expressions
import Items
import PartiQL

/// A reader of what clients send, as the fuzzer drives it: any bytes may be refused, none may trap.
enum TextTarget: String, CaseIterable, Sendable {
    /// JSON of an item.
    case items
    /// Conditions, key conditions, projections and updates.
    case expressions
    /// PartiQL.
    case statements
    /// Requests with their operations, read.
    case shapes
    /// Requests with their operations, carried out.
    case requests

    func read(_ bytes: UnsafeRawBufferPointer) {
        switch self {
        case .items: _ = ItemFuzz.readItem(bytes)
        case .expressions:
            let placeholders = Placeholders(names: ["#n": "n"], values: Self.sample.values)
            _ = ExpressionFuzz.run(Self.text(bytes), on: Self.sample.item, placeholders)
        case .statements:
            let parameters = [":s", ":n", ":l"].compactMap { Self.sample.values[$0] }
            _ = PartiQLFuzz.run(Self.text(bytes), on: Self.sample.item, parameters: parameters)
        case .shapes: ShapeFuzz.read(bytes)
        case .requests: Self.carryOut(bytes)
        }
    }

    /// Waits for the requests. They need no thread but the one that they begin on: the store is driven by its callers.
    private static func carryOut(_ bytes: UnsafeRawBufferPointer) {
        let done = DispatchSemaphore(value: 0)
        // The bytes stay where they are until the requests are done.
        nonisolated(unsafe) let text = bytes
        Task.immediate {
            await RequestFuzz.run(text)
            done.signal()
        }
        done.wait()
    }

    private static func text(_ bytes: UnsafeRawBufferPointer) -> String { String(decoding: bytes, as: UTF8.self) }

    private static let sample = TextSample()

    /// Real texts to start from.
    var seeds: [[UInt8]] {
        let texts =
            switch self {
            case .items: [TextSample.json, #"{"a":{"N":"-1.5e-3"},"b":{"BS":["AA=="]},"c":{"NULL":true}}"#]
            case .expressions:
                [
                    "a = :s AND (size(l) > :v OR NOT begins_with(m.k, :s)) AND b BETWEEN :v AND :v",
                    "a IN (:s, b) OR attribute_type(#n, :t) OR contains(l, :v) OR attribute_not_exists(m.k[0])",
                    "a, m.k, l[0], #n", "a = :s AND b > :v",
                    "SET a = if_not_exists(m.k, :s), l = list_append(l, :l) REMOVE m.k ADD b :v DELETE n :n",
                ]
            case .statements:
                [
                    "SELECT a, m.k, l[0] FROM \"t\".\"i\" WHERE a = ? AND b IN [1, 2] OR NOT begins_with(a, 'x')",
                    "SELECT * FROM t WHERE a IN ('s', 't') AND (b > 1 OR b < 0) AND m IS NOT MISSING ORDER BY a DESC",
                    "INSERT INTO t VALUE {'a': 's', 'm': {'k': [1, <<'x', 'y'>>, NULL]}, 'n': <<1, 2>>} -- note",
                    "UPDATE t SET n = set_add(n, <<1>>) SET l = list_append(l, ?), b = b + 1 REMOVE m.k WHERE a = ?",
                    "FROM t WHERE a = 's' AND b = 1 SET l[3] = /* last */ a RETURNING MODIFIED NEW *",
                    "DELETE FROM t WHERE a = 's' AND b = 1 AND size(a) = 1 RETURNING ALL OLD *",
                    "EXISTS(SELECT * FROM t WHERE a = 's' AND b = 1 AND attribute_exists(m) = true)",
                ]
            case .shapes: ShapeFuzz.seeds
            case .requests: RequestFuzz.seeds
            }
        return texts.map { Array($0.utf8) }
    }
}

/// An item and values that expressions and statements are of.
///
/// Unchecked: nothing of it changes once it is made, and the views point into memory that is its own.
private final class TextSample: @unchecked Sendable {
    static let json =
        #"{"a":{"S":"s"},"b":{"N":"1"},"l":{"L":[{"N":"1"}]},"m":{"M":{"k":{"S":"x"}}},"n":{"NS":["1","2"]}}"#

    private var builder = ValueBuilder(capacity: 4096)
    private let itemRange: Range<Int>
    private let valueRange: Range<Int>

    init() {
        itemRange = Self.read(Self.json, into: &builder)
        valueRange = Self.read(
            #"{":s":{"S":"s"},":v":{"N":"1"},":n":{"NS":["1"]},":l":{"L":[{"M":{}}]},":t":{"S":"SS"}}"#, into: &builder)
    }

    var item: ItemView { builder.item(at: itemRange) }

    var values: [String: ValueView] {
        var values: [String: ValueView] = [:]
        for (name, value) in builder.item(at: valueRange).attributes {
            values[String(decoding: name, as: UTF8.self)] = value
        }
        return values
    }

    private static func read(_ json: String, into builder: inout ValueBuilder) -> Range<Int> {
        var json = json
        let range = json.withUTF8 { text in
            var reader = JSONReader(UnsafeRawBufferPointer(text))
            return try? reader.readItem(into: &builder)
        }
        guard let range else { preconditionFailure("the sample is an item") }
        return range
    }
}
