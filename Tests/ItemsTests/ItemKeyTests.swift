import Bytes
import Items
import Testing

struct ItemKeyTests {
    private func key(_ item: String, hash: UInt64, sort: String? = "s") throws -> [UInt8] {
        try storedItem(item).withItem { item in
            var key: [UInt8] = []
            ItemKey.appendPartition(hash: hash, [item["p"]!], to: &key)
            if let sort, let value = item[sort] { ItemKey.append(value, to: &key) }
            return key
        }
    }

    /// The worked example of docs/format/dynamodb-item.md.
    @Test func theKeyIsTheDocumentedOne() throws {
        let key = try key(#"{"p":{"S":"a"},"s":{"N":"42"}}"#, hash: 0x0CC1_75B9_C0F1_B6A8)
        #expect(Hex.encode(key, uppercase: true) == "0CC175B9C0F1B6A8" + "610001" + "C12B0001")
    }

    @Test func keysComeBack() throws {
        let values: [(KeyType, String)] = [
            (.string, #"{"S":"a\u0000b"}"#), (.string, #"{"S":"漢"}"#), (.binary, #"{"B":"AAH/AA=="}"#),
            (.number, #"{"N":"-9.9E125"}"#), (.number, #"{"N":"0"}"#), (.number, #"{"N":"1E-130"}"#),
        ]
        for (partitionType, partition) in values {
            for (sortType, sort) in values {
                let item = try storedItem("{\"p\":\(partition),\"s\":\(sort)}")
                let key = try key("{\"p\":\(partition),\"s\":\(sort)}", hash: 7)
                try key.withUnsafeBytes { bytes in
                    var reader = ByteReader(bytes)
                    var builder = ValueBuilder()
                    #expect(try ItemKey.readHash(from: &reader) == 7)
                    let p = try ItemKey.readValue(partitionType, from: &reader, into: &builder)
                    let s = try ItemKey.readValue(sortType, from: &reader, into: &builder)
                    #expect(reader.isAtEnd)
                    item.withItem { item in
                        #expect(builder.value(at: p).isEqual(to: item["p"]!))
                        #expect(builder.value(at: s).isEqual(to: item["s"]!))
                    }
                }
            }
        }
    }

    @Test func itemsOfOnePartitionSortBySortKey() throws {
        var random = SeededRandom(seed: 6)
        var references = (0..<80).map { _ in ReferenceDecimal.random(using: &random) }
        references.sort(by: ReferenceDecimal.isBefore)
        let keys = try references.map { try key("{\"p\":{\"S\":\"p\"},\"s\":{\"N\":\"\($0.text)\"}}", hash: 1) }
        for (a, b) in zip(keys, keys.dropFirst()) { #expect(a == b || a.lexicographicallyPrecedes(b)) }
        let texts = ["", "\u{0}", "\u{0}a", "a", "a\u{0}", "a\u{0}\u{0}", "a\u{1}", "aa", "b", "é", "漢", "😀"]
        let textKeys = try texts.map { text in
            try key("{\"p\":{\"S\":\"p\"},\"s\":{\"S\":\(ModelValue.quoted(text, using: &random))}}", hash: 1)
        }
        for (a, b) in zip(textKeys, textKeys.dropFirst()) { #expect(a.lexicographicallyPrecedes(b)) }
    }

    @Test func aPrefixCoversTheKeysThatBeginWithIt() throws {
        try storedItem(#"{"p":{"S":"p"},"s":{"S":"ab"}}"#).withItem { item in
            var prefix: [UInt8] = []
            ItemKey.appendPartition(hash: 1, [item["p"]!], to: &prefix)
            ItemKey.appendPrefix(item["s"]!, to: &prefix)
            for (text, isIn) in [("ab", true), ("ab\\u0000", true), ("abc", true), ("a", false), ("b", false)] {
                let key = try key("{\"p\":{\"S\":\"p\"},\"s\":{\"S\":\"\(text)\"}}", hash: 1)
                #expect(key.starts(with: prefix) == isIn)
            }
        }
    }

    @Test func partitionKeysAreHashedByTheirBytes() throws {
        try storedItem(#"{"p":{"S":"ab"},"q":{"N":"1"}}"#).withItem { item in
            #expect(ItemKey.hashedBytes(of: [item["p"]!, item["q"]!]) == [0x61, 0x62, 0xC1, 0x02])
        }
    }
}
