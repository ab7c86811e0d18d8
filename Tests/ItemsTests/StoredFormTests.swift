import Bytes
import Items
import Testing

struct StoredFormTests {
    private static let seeds: [UInt64] = [11, 12, 13, 14]

    @Test(arguments: seeds) func itemsComeBackFromTheStoredFormAndFromItsJSON(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<200 {
            let model = ModelValue.randomItem(using: &random)
            let text = ModelValue.json(model, using: &random)
            let stored = try storedItem(text)
            #expect(stored.count <= text.utf8.count)
            #expect(stored.withUnsafeBytes { StoredForm.isItem($0) })
            #expect(stored.withItem { ModelValue.item($0.attributes) } == model)
            #expect(stored.withItem { $0.size } == ModelValue.size(model))
            #expect(2 * stored.count >= ModelValue.size(model))
            #expect(try ModelValue.item(json: jsonText(stored)) == model)
            // Another spelling, the same form.
            #expect(try storedItem(ModelValue.json(model, using: &random)) == stored)
        }
    }

    /// A put relies on it: it measures only items whose form takes more than half of what an item may have.
    @Test(arguments: [
        #"{"a":{"L":[\#(repeatElement(#"{"NULL":true}"#, count: 3000).joined(separator: ","))]}}"#,
        #"{"a":{"L":[\#(repeatElement(#"{"L":[]}"#, count: 3000).joined(separator: ","))]}}"#,
        #"{"a":{"L":[\#(repeatElement(#"{"M":{}}"#, count: 3000).joined(separator: ","))]}}"#,
        #"{"a":{"L":[\#(repeatElement(#"{"S":""}"#, count: 3000).joined(separator: ","))]}}"#,
        #"{"a":{"L":[\#(repeatElement(#"{"N":"-1"}"#, count: 3000).joined(separator: ","))]}}"#,
        #"{"a":{"M":{\#((0..<3000).map { #""\#($0)":{"BOOL":false}"# }.joined(separator: ","))}}}"#,
        #"{"a":{"NS":[\#((0..<3000).map { #""-\#($0)e-100""# }.joined(separator: ","))]}}"#,
        #"{"a":{"N":"-99999999999999999999999999999999999999"}}"#, "{}",
    ])
    func theFormTakesHalfOfTheSizeAtLeast(json: String) throws {
        let stored = try storedItem(json)
        #expect(2 * stored.count >= stored.withItem { $0.size })
    }

    @Test(arguments: seeds) func attributesAreFoundByName(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<100 {
            let model = ModelValue.randomItem(using: &random)
            let stored = try storedItem(ModelValue.json(model, using: &random))
            stored.withItem { view in
                for (name, value) in model { #expect(view[name].map { ModelValue($0) } == value) }
                for _ in 0..<20 {
                    let name = ModelValue.randomString(using: &random)
                    #expect((view[name] != nil) == (model[name] != nil))
                }
            }
        }
    }

    @Test(arguments: seeds) func valuesAreEqualWhenTheirModelsAre(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let models = (0..<60).map { _ in ModelValue.random(depth: 3, using: &random) }
        let forms = try models.map { try storedItem("{\"v\":" + $0.json(using: &random) + "}") }
        let again = try models.map { try storedItem("{\"v\":" + $0.json(using: &random) + "}") }
        for (a, first) in zip(models, forms) {
            for (b, second) in zip(models, again) {
                let isEqual = first.withItem { x in second.withItem { y in x["v"]!.isEqual(to: y["v"]!) } }
                #expect(isEqual == (a == b))
            }
        }
    }

    @Test(arguments: seeds) func projectionsAreTheAttributesAskedFor(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<100 {
            let model = ModelValue.randomItem(using: &random)
            let stored = try storedItem(ModelValue.json(model, using: &random))
            var names = Set(model.keys.filter { _ in random.oneIn(2) })
            names.insert(ModelValue.randomString(using: &random))
            let ordered = names.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
            let json = stored.withItem { view in
                var writer = JSONWriter()
                writer.item(view, only: ordered)
                return writer.copyBytes()
            }
            #expect(try ModelValue.item(json: json) == model.filter { names.contains($0.key) })
        }
    }

    /// The worked example of docs/format/dynamodb-item.md.
    @Test func theFormIsTheDocumentedOne() throws {
        let json =
            #"{"id":{"S":"a"},"n":{"N":"-12.5"},"ok":{"BOOL":true},"tags":{"SS":["y","x"]},"#
            + #""m":{"M":{"k":{"L":[{"NULL":true}]}}}}"#
        let stored = try storedItem(json)
        let expected =
            "01" + "026964" + "010161" + "016D" + "0708000000" + "016B" + "0801000000" + "06" + "016E" + "02043E593366"
            + "026F6B" + "05" + "0474616773" + "0904000000" + "0178" + "0179"
        #expect(Hex.encode(stored, uppercase: true) == expected)
        #expect(stored.withItem { $0.size } == 28)
        let answer =
            #"{"id":{"S":"a"},"m":{"M":{"k":{"L":[{"NULL":true}]}}},"n":{"N":"-12.5"},"ok":{"BOOL":true},"#
            + #""tags":{"SS":["x","y"]}}"#
        #expect(String(decoding: jsonText(stored), as: UTF8.self) == answer)
    }

    @Test(arguments: [
        // The reference's worked example.
        (#"{"shirt-color":{"S":"R"},"shirt-size":{"S":"M"}}"#, 23),
        (#"{"é":{"S":"漢"}}"#, 5),
        (#"{"a":{"NULL":true},"b":{"BOOL":false}}"#, 4),
        (#"{"a":{"L":[]},"b":{"M":{}}}"#, 8),
        (#"{"a":{"L":[{"S":"x"},{"N":"0"}]}}"#, 1 + 3 + 2 + 2),
        (#"{"a":{"M":{"k":{"S":"xy"}}}}"#, 1 + 3 + 1 + 1 + 2),
        (#"{"a":{"B":"AAEC"}}"#, 4),
        (#"{"a":{"NS":["1","100","-1"]}}"#, 1 + 2 + 2 + 3),
        // 38 digits from an even place, and from an odd one.
        (#"{"a":{"N":"12345678901234567890123456789012345678"}}"#, 1 + 20),
        (#"{"a":{"N":"1.2345678901234567890123456789012345678"}}"#, 1 + 21),
    ])
    func sizesFollowTheRule(json: String, size: Int) throws {
        #expect(try storedItem(json).withItem { $0.size } == size)
    }

    @Test func scalarsOfOneTypeHaveAnOrder() throws {
        func order(_ a: String, _ b: String) throws -> Int? {
            let stored = try storedItem("{\"a\":\(a),\"b\":\(b)}")
            return stored.withItem { $0["a"]!.compare(to: $0["b"]!) }
        }
        #expect(try order(#"{"N":"9"}"#, #"{"N":"10"}"#)! < 0)
        #expect(try order(#"{"N":"1.0"}"#, #"{"N":"1"}"#) == 0)
        #expect(try order(#"{"S":"9"}"#, #"{"S":"10"}"#)! > 0)
        #expect(try order(#"{"S":"a"}"#, #"{"S":"ab"}"#)! < 0)
        #expect(try order(#"{"B":"/w=="}"#, #"{"B":"AAA="}"#)! > 0)
        #expect(try order(#"{"S":"1"}"#, #"{"N":"1"}"#) == nil)
        #expect(try order(#"{"BOOL":true}"#, #"{"BOOL":false}"#) == nil)
    }

    @Test func listsAreIndexedAndSetsSearched() throws {
        let stored = try storedItem(#"{"l":{"L":[{"N":"1"},{"S":"two"}]},"s":{"SS":["b","a","cc"]}}"#)
        stored.withItem { item in
            let list = item["l"]!.list!
            #expect(list.count == 2)
            #expect(list[1]!.string == "two")
            #expect(list[2] == nil)
            #expect(list[400] == nil)
            let set = item["s"]!.set!
            #expect(set.count == 3)
            #expect(Array("cc".utf8).withUnsafeBytes { set.contains($0) })
            #expect(!Array("c".utf8).withUnsafeBytes { set.contains($0) })
        }
    }

    @Test func damagedFormsAreTold() throws {
        var random = SeededRandom(seed: 5)
        for _ in 0..<60 {
            let stored = try storedItem(ModelValue.json(ModelValue.randomItem(using: &random), using: &random))
            for _ in 0..<20 where stored.count > 1 {
                var damaged = stored
                damaged[Int.random(in: 0..<damaged.count, using: &random)] ^=
                    1 << UInt8.random(in: 0..<8, using: &random)
                if random.oneIn(3) { damaged.removeLast(Int.random(in: 1..<damaged.count, using: &random)) }
                guard damaged.withUnsafeBytes({ StoredForm.isItem($0) }) else { continue }
                // What passes is an item like any other.
                #expect(try storedItem(String(decoding: jsonText(damaged), as: UTF8.self)) == damaged)
            }
        }
    }
}
