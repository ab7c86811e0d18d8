import Bytes
import Foundation
import Items

/// A value as a tree: the plain reference that the stored form is held against.
indirect enum ModelValue: Hashable {
    case string(String)
    case number(String)
    case binary([UInt8])
    case boolean(Bool)
    case null
    case map([String: ModelValue])
    case list([ModelValue])
    case stringSet(Set<String>)
    case numberSet(Set<String>)
    case binarySet(Set<[UInt8]>)
}

typealias ModelItem = [String: ModelValue]

// MARK: At random

extension ModelValue {
    private static let characters: [Character] = Array("abzAZ09 \"\\/\n\t\u{1}\u{7F}éß漢字€😀𝄞{}[]:,")

    static func randomString(using random: inout SeededRandom) -> String {
        let count = Int.random(in: 0...(random.oneIn(6) ? 200 : 9), using: &random)
        return String((0..<count).map { _ in characters.randomElement(using: &random)! })
    }

    static func randomBytes(using random: inout SeededRandom) -> [UInt8] {
        (0..<Int.random(in: 0...9, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    static func random(depth: Int = 0, using random: inout SeededRandom) -> ModelValue {
        let count = Int.random(in: 1...4, using: &random)
        switch Int.random(in: 0..<(depth < 4 ? 10 : 8), using: &random) {
        case 0: return .string(randomString(using: &random))
        case 1: return .number(ReferenceDecimal.random(using: &random).text)
        case 2: return .binary(randomBytes(using: &random))
        case 3: return .boolean(random.oneIn(2))
        case 4: return .null
        case 5: return .stringSet(Set((0..<count).map { _ in randomString(using: &random) }))
        case 6: return .numberSet(Set((0..<count).map { _ in ReferenceDecimal.random(using: &random).text }))
        case 7: return .binarySet(Set((0..<count).map { _ in randomBytes(using: &random) }))
        case 8: return .map(randomItem(depth: depth + 1, using: &random))
        default: return .list((1..<count).map { _ in Self.random(depth: depth + 1, using: &random) })
        }
    }

    static func randomItem(depth: Int = 0, using random: inout SeededRandom) -> ModelItem {
        var item: ModelItem = [:]
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            var name = randomString(using: &random)
            if name.isEmpty { name = "n" }
            item[name] = Self.random(depth: depth, using: &random)
        }
        return item
    }
}

// MARK: As JSON

extension ModelValue {
    /// The value in one of many spellings: order, white space, escapes.
    func json(using random: inout SeededRandom) -> String {
        func space() -> String { random.oneIn(5) ? [" ", "\n", "\t ", "\r\n"].randomElement(using: &random)! : "" }
        func array<T>(_ elements: some Collection<T>, _ text: (T) -> String) -> String {
            let texts = elements.map { space() + text($0) + space() }
            return "[" + texts.shuffled(using: &random).joined(separator: ",") + "]"
        }
        let contents: (String, String)
        switch self {
        case .string(let text): contents = ("S", Self.quoted(text, using: &random))
        case .number(let text): contents = ("N", "\"\(text)\"")
        case .binary(let bytes): contents = ("B", "\"\(Base64.encode(bytes))\"")
        case .boolean(let value): contents = ("BOOL", "\(value)")
        case .null: contents = ("NULL", "true")
        case .map(let members): contents = ("M", Self.json(members, using: &random))
        case .list(let values):
            contents = ("L", "[" + values.map { $0.json(using: &random) }.joined(separator: ",") + "]")
        case .stringSet(let set):
            contents = ("SS", array(set.map { Self.quoted($0, using: &random) }) { $0 })
        case .numberSet(let set): contents = ("NS", array(set) { "\"\($0)\"" })
        case .binarySet(let set): contents = ("BS", array(set) { "\"\(Base64.encode($0))\"" })
        }
        return "{" + space() + "\"\(contents.0)\"" + space() + ":" + space() + contents.1 + space() + "}"
    }

    static func json(_ item: ModelItem, using random: inout SeededRandom) -> String {
        var members = item.map { quoted($0.key, using: &random) + ":" + $0.value.json(using: &random) }
        members.shuffle(using: &random)
        return "{" + members.joined(separator: ", ") + "}"
    }

    static func quoted(_ text: String, using random: inout SeededRandom) -> String {
        var json = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": json += "\\" + String(scalar)
            case "\n" where random.oneIn(2): json += "\\n"
            case "/" where random.oneIn(2): json += "\\/"
            case _ where scalar.value < 0x20 || random.oneIn(6):
                for unit in String(scalar).utf16 { json += "\\u" + String(Hex.encode(UInt64(unit)).suffix(4)) }
            default: json += String(scalar)
            }
        }
        return json + "\""
    }

    /// Takes what a JSON parser of others' making made of an attribute value.
    init(parsed: Any) {
        let (name, contents) = (parsed as! [String: Any]).first!
        switch name {
        case "S": self = .string(contents as! String)
        case "N": self = .number(contents as! String)
        case "B": self = .binary(Base64.decode(contents as! String)!)
        case "BOOL": self = .boolean(contents as! Bool)
        case "NULL": self = .null
        case "M": self = .map(Self.item(parsed: contents))
        case "L": self = .list((contents as! [Any]).map { ModelValue(parsed: $0) })
        case "SS": self = .stringSet(Set(contents as! [String]))
        case "NS": self = .numberSet(Set(contents as! [String]))
        default: self = .binarySet(Set((contents as! [String]).map { Base64.decode($0)! }))
        }
    }

    static func item(parsed: Any) -> ModelItem { (parsed as! [String: Any]).mapValues { ModelValue(parsed: $0) } }

    static func item(json: [UInt8]) throws -> ModelItem {
        try item(parsed: JSONSerialization.jsonObject(with: Data(json)))
    }
}

// MARK: As stored form

extension ModelValue {
    /// Reads a view as a caller would, type by type.
    init(_ view: ValueView) {
        switch view.type {
        case .string: self = .string(view.string!)
        case .number: self = .number(view.number!.description)
        case .binary: self = .binary(Array(view.binary!))
        case .boolean: self = .boolean(view.boolean!)
        case .null: self = .null
        case .map: self = .map(Self.item(view.map!))
        case .list: self = .list(view.list!.map { ModelValue($0) })
        case .stringSet: self = .stringSet(Set(view.set!.map { String(decoding: $0, as: UTF8.self) }))
        case .numberSet: self = .numberSet(Set(view.set!.map { Number38($0)!.description }))
        case .binarySet: self = .binarySet(Set(view.set!.map { Array($0) }))
        }
    }

    static func item(_ map: MapView) -> ModelItem {
        Dictionary(uniqueKeysWithValues: map.map { (String(decoding: $0.name, as: UTF8.self), ModelValue($0.value)) })
    }

    /// DynamoDB's size, from the text of the rule.
    var size: Int {
        func numberSize(_ text: String) -> Int { (try? Number38(parsing: text).byteCount) ?? 0 }
        switch self {
        case .string(let text): return text.utf8.count
        case .number(let text): return numberSize(text)
        case .binary(let bytes): return bytes.count
        case .boolean, .null: return 1
        case .map(let members): return 3 + Self.size(members) + members.count
        case .list(let values): return 3 + values.reduce(0) { $0 + 1 + $1.size }
        case .stringSet(let set): return set.reduce(0) { $0 + $1.utf8.count }
        case .numberSet(let set): return set.reduce(0) { $0 + numberSize($1) }
        case .binarySet(let set): return set.reduce(0) { $0 + $1.count }
        }
    }

    static func size(_ item: ModelItem) -> Int { item.reduce(0) { $0 + $1.key.utf8.count + $1.value.size } }
}
