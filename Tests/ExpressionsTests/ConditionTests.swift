import Expressions
import Items
import Testing

struct ConditionTests {
    private static let item = #"""
        {"s":{"S":"hello"},"n":{"N":"5"},"m":{"N":"7.0"},"b":{"B":"AAEC"},"t":{"BOOL":true},"z":{"NULL":true},
         "ss":{"SS":["red","blue"]},"ns":{"NS":["1","2.5"]},"bs":{"BS":["AAE="]},
         "l":{"L":[{"S":"x"},{"N":"3"},{"L":[{"S":"deep"}]}]},"d":{"M":{"k":{"S":"v"},"in":{"M":{"x":{"N":"1"}}}}},
         "u":{"S":"漢𝄞"}}
        """#
    private static let values = #"""
        {":s":{"S":"hello"},":h":{"S":"he"},":5":{"N":"5.00"},":7":{"N":"7"},":3":{"N":"3"},":2.5":{"N":"0"},
         ":half":{"N":"2.50"},":ss":{"SS":["blue","red"]},":red":{"S":"red"},":S":{"S":"S"},":NS":{"S":"NS"},
         ":b":{"B":"AAEC"},":b1":{"B":"AQ=="},":t":{"BOOL":true},":z":{"NULL":true},":deep":{"L":[{"S":"deep"}]},
         ":d":{"M":{"in":{"M":{"x":{"N":"1.0"}}},"k":{"S":"v"}}},":1":{"N":"1"},":x":{"S":"x"}}
        """#

    @Test(arguments: [
        "s = :s", "n = :5", "m = :7", "ss = :ss", "b = :b", "t = :t", "z = :z", "d = :d", "l[2] = :deep",
        "d.#in.x = :1", "l[0] = :x", "s <> :5", "n <> :7", "nope <> :s", "nope <> nope2", "n < :7", "n <= m", "m > n",
        "m >= :7", "s > :h", "b > :b1 OR b < :b1", "n BETWEEN :3 AND :7", "n between :5 And :5", "s IN (:h, :s)",
        "n in (:3,:5)", "attribute_exists(s)", "attribute_exists (d.#in.x)", "attribute_exists(l[2][0])",
        "attribute_not_exists(nope)", "attribute_not_exists(l[3])", "attribute_not_exists(s.k)",
        "attribute_type(s, :S)", "attribute_type(ns, :NS)", "begins_with(s, :h)", "begins_with(b, :b)",
        "contains(s, :h)", "contains(ss, :red)", "contains(ns, :half)", "contains(l, :3)", "contains(l, :deep)",
        "contains(b, :b1)", "size(s) = :5", "size(l) = :3", "size(d) < size(l)", "size(ss) <> n", "size(u) = :3",
        "NOT n = :7", "not not n = :5", "NOT nope = :s", "n = :5 AND s = :s", "n = :7 OR s = :s",
        "n = :7 AND s = :s OR n = :5", "n = :5 OR n = :7 AND s = :h", "(n = :5 OR n = :7) AND s = :s",
        "NOT (n = :7 AND s = :s)", "(n) = (:5)", "(d).#in.x = :1", "((n = :5) and s = :s)", ":5 = n", ":5 < :7",
    ])
    func conditionsThatHold(text: String) throws {
        let lab = try Lab(Self.item, names: ["#in": "in"], values: Self.values)
        #expect(try lab.holds(text))
    }

    @Test(arguments: [
        "s = :5", "nope = :s", "nope = nope2", "nope < :s", ":s > nope", "s < :5", "t < n", "n BETWEEN :7 AND :7",
        "nope BETWEEN :3 AND :7", "s IN (:h, :5)", "attribute_exists(nope)", "attribute_exists(l[3])",
        "attribute_exists(d.nope.x)", "attribute_not_exists(s)", "attribute_type(s, :NS)", "attribute_type(nope, :S)",
        "begins_with(s, :red)", "begins_with(n, :h)", "begins_with(nope, :h)", "contains(s, :red)", "contains(s, :5)",
        "contains(ss, :h)", "contains(ss, :5)", "contains(n, :5)", "contains(nope, :5)", "size(n) = :5",
        "size(nope) = :5", "size(s) = :s", "NOT n = :5", "n = :7 AND s = :s", "n = :7 OR s = :h",
        "(n = :5 OR n = :7) AND s = :h", "NOT nope <> :s", "l[1] = :x", "l[9] = :x", "s.k = :s", "l.k = :s",
        "d[0] = :s",
    ])
    func conditionsThatDoNotHold(text: String) throws {
        let lab = try Lab(Self.item, names: ["#in": "in"], values: Self.values)
        #expect(try !lab.holds(text))
    }

    @Test func ofNoItemOnlyWhatIsNotThereHolds() throws {
        var placeholders = Placeholders()
        #expect(try Condition.parse(.condition, "attribute_not_exists(a)", &placeholders).holds(of: nil))
        #expect(try !Condition.parse(.condition, "attribute_exists(a)", &placeholders).holds(of: nil))
        #expect(try Condition.parse(.condition, "a <> b", &placeholders).holds(of: nil))
    }

    @Test func whetherAConditionHoldsIsATruthValue() throws {
        var builder = ValueBuilder(capacity: 64)
        builder.appendBoolean(true)
        let isTrue = Condition.Operand.value(builder.value(at: 0..<1))
        builder.appendBoolean(false)
        let isFalse = Condition.Operand.value(builder.value(at: 1..<2))
        let holds = Condition.Operand.truth(.doesNotExist(DocumentPath(attribute: "a")))
        #expect(Condition.comparison(.equal, holds, isTrue).holds(of: nil))
        #expect(Condition.comparison(.notEqual, holds, isFalse).holds(of: nil))
        #expect(Condition.comparison(.equal, holds, holds).holds(of: nil))
        #expect(!Condition.comparison(.equal, holds, isFalse).holds(of: nil))
        #expect(!Condition.comparison(.less, isFalse, holds).holds(of: nil))
        #expect(Condition.isIn(holds, [isFalse, isTrue]).holds(of: nil))
        #expect(Condition.hasType(holds, .boolean).holds(of: nil))
        #expect(!Condition.comparison(.equal, .size(holds), isTrue).holds(of: nil))
        #expect(Condition.comparison(.equal, holds, isTrue).paths.map(\.description) == ["[a]"])
    }

    @Test func theirPathsAreKnown() throws {
        var placeholders = Placeholders(names: ["#x": "a.b"])
        let condition = try Condition.parse(
            .filter, "NOT (a.b[0] = c OR size(d) IN (e, f)) AND g BETWEEN h AND i AND contains(#x, j)", &placeholders)
        #expect(
            condition.paths.map(\.description)
                == ["[a, b, [0]]", "[c]", "[d]", "[e]", "[f]", "[g]", "[h]", "[i]", "[a.b]", "[j]"])
    }

    @Test func namesMayHaveAnyCharacters() throws {
        let lab = try Lab(
            #"{"3 a.b[0]!":{"N":"1"},"select":{"N":"2"}}"#, names: ["#_": "3 a.b[0]!", "#1": "select"],
            values: #"{":_":{"N":"1"}}"#)
        #expect(try lab.holds("#_ = :_ and #1 <> :_"))
    }

    @Test(arguments: [
        ("h = :h", ["h equal 1"]), ("h = :h AND r > :r", ["h equal 1", "r greater 2"]),
        (":r < r AND (h = :h)", ["r greater 2", "h equal 1"]),
        ("((h = :h) AND (r <= :r))", ["h equal 1", "r lessOrEqual 2"]),
        ("h = :h AND r BETWEEN :h AND :r", ["h equal 1", "r between 1,2"]),
        ("h = :h AND begins_with(r, :s)", ["h equal 1", "r beginsWith x"]), (":h = h", ["h equal 1"]),
    ])
    func keyConditionsAreTakenApart(text: String, expected: [String]) throws {
        let lab = try Lab(values: #"{":h":{"N":"1"},":r":{"N":"2"},":s":{"S":"x"}}"#)
        #expect(try lab.keyConditions(text) == expected)
    }

    @Test(arguments: [
        ("h = :h OR r = :r", "Invalid operator used in KeyConditionExpression: OR"),
        ("NOT h = :h", "Invalid operator used in KeyConditionExpression: NOT"),
        ("h IN (:h)", "Invalid operator used in KeyConditionExpression: IN"),
        ("h <> :h", "Invalid operator used in KeyConditionExpression: <>"),
        ("attribute_exists(h)", "Invalid operator used in KeyConditionExpression: attribute_exists"),
        ("contains(h, :s)", "Invalid operator used in KeyConditionExpression: contains"),
        ("size(h) = :h", "KeyConditionExpressions cannot contain nested operations"),
        ("h.x = :h", "KeyConditionExpressions cannot have conditions on nested attributes"),
        (
            "h = :h AND h = :r",
            "Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key"
        ),
        (
            "h = r", "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition"
        ),
        (":h = :r", "Invalid condition in KeyConditionExpression: No key attribute specified"),
        (
            "begins_with(:s, h)",
            "Invalid condition in KeyConditionExpression: begins_with operator must have the key attribute as its "
                + "first operand"
        ),
        ("", "Invalid KeyConditionExpression: The expression can not be empty;"),
    ])
    func keyConditionsThatCannotBe(text: String, message: String) throws {
        let lab = try Lab(values: #"{":h":{"N":"1"},":r":{"N":"2"},":s":{"S":"x"}}"#)
        #expect(lab.refusal(.keyCondition, text) == message)
    }
}
