import Items
import PartiQL
import Testing

/// Which queries a SELECT is, and of which item a write is.
struct ReadPlanTests {
    private func select(_ text: String, _ body: (SelectStatement) throws -> Void) throws {
        let statement = try Lab().parse(text)
        switch statement.body {
        case .select(let select), .exists(let select): try body(select)
        default: Issue.record("\(text) is no SELECT")
        }
        withExtendedLifetime(statement) {}
    }

    private func plan(_ condition: String, _ schema: StatementKey = key()) throws -> [String] {
        var descriptions: [String] = []
        try select("SELECT * FROM t WHERE \(condition)") { descriptions = try $0.plan(schema).descriptions }
        return descriptions
    }

    @Test(arguments: [
        ("pk = 'a'", ["pk equal a"]), ("'a' = pk", ["pk equal a"]),
        ("pk = 'a' AND sk = '1'", ["pk equal a and sk equal 1"]),
        ("sk > '1' AND (pk = 'a')", ["pk equal a and sk greater 1"]),
        ("pk = 'a' AND '1' > sk", ["pk equal a and sk less 1"]),
        ("pk = 'a' AND sk BETWEEN '1' AND '2'", ["pk equal a and sk between 1,2"]),
        ("pk = 'a' AND begins_with(sk, 'x')", ["pk equal a and sk beginsWith x"]),
        ("pk = 'a' AND n = 1", ["pk equal a filter ([n] = {\"N\":\"1\"})"]),
        ("pk IN ['a', 'b']", ["pk equal a", "pk equal b"]), ("pk = 'b' OR pk = 'a'", ["pk equal b", "pk equal a"]),
        ("pk = 'a' AND sk IN ('1', '2')", ["pk equal a and sk equal 1", "pk equal a and sk equal 2"]),
        ("pk = 'a' AND (sk='1' OR sk='2')", ["pk equal a and sk equal 1", "pk equal a and sk equal 2"]),
        (
            "pk='r' AND (sk < '1' OR sk > '1' OR sk='1')",
            ["pk equal r and sk less 1", "pk equal r and sk greater 1", "pk equal r and sk equal 1"]
        ),
        ("pk='r' AND attribute_exists(pk)", ["pk equal r filter exists([pk])"]),
        ("pk='r' AND NOT sk='1'", ["pk equal r filter (NOT ([sk] = {\"S\":\"1\"}))"]),
        ("pk='r' AND sk <> '1'", ["pk equal r filter ([sk] <> {\"S\":\"1\"})"]),
        ("pk='r' AND sk > '0' AND sk <> '1'", ["pk equal r and sk greater 0 filter ([sk] <> {\"S\":\"1\"})"]),
        ("pk='r' AND sk='1' AND sk > '0'", ["pk equal r and sk equal 1"]),
        (
            "pk='r' AND sk > '0' AND sk < '5'",
            ["pk equal r and sk greater 0 filter ([sk] < {\"S\":\"5\"})"]
        ),
        (
            "pk='y' AND (x='1' OR y='2')",
            ["pk equal y filter (([x] = {\"S\":\"1\"}) OR ([y] = {\"S\":\"2\"}))"]
        ),
        (
            "(pk='a' AND x='1') OR (pk='b' AND y='2')",
            ["pk equal a filter ([x] = {\"S\":\"1\"})", "pk equal b filter ([y] = {\"S\":\"2\"})"]
        ),
        ("pk='y' AND (pk='z' OR zz='1')", ["pk equal y filter ([zz] = {\"S\":\"1\"})"]),
        ("pk='a' AND pk='a'", ["pk equal a"]), ("pk='a' AND pk='b'", []), ("pk='a' AND sk='1' AND sk='2'", []),
        ("pk='a' AND sk='1' AND sk > '2'", []), ("pk IN ['a', 'b'] AND pk = 'b'", ["pk equal b"]),
        ("pk > 'a'", ["scan ([pk] > {\"S\":\"a\"})"]), ("n = 1", ["scan ([n] = {\"N\":\"1\"})"]),
        ("pk='r' OR sk='1'", ["scan (([pk] = {\"S\":\"r\"}) OR ([sk] = {\"S\":\"1\"}))"]),
        ("NOT pk='r'", ["scan (NOT ([pk] = {\"S\":\"r\"}))"]), ("pk = sk", ["scan ([pk] = [sk])"]),
        ("pk.x = 'a'", ["scan ([pk, x] = {\"S\":\"a\"})"]), ("pk > 1", ["scan ([pk] > {\"N\":\"1\"})"]),
    ])
    func whereClausesAreTakenApart(condition: String, expected: [String]) throws {
        #expect(try plan(condition) == expected)
    }

    @Test func withoutASortKeyItsNameIsAnyOther() throws {
        #expect(try plan("pk = 'a' AND sk = '1'", key("pk", nil)) == ["pk equal a filter ([sk] = {\"S\":\"1\"})"])
        #expect(try plan("pk = 'a' OR sk = '1'", key("sk", nil)).count == 1)
    }

    private static let overlap = "Overlapping conditions with range keys are not supported in where clause"
    private static let tooMany = "Too many decomposed read operations for a given query."
    private static let type = "Key attribute's data type should match its data type in table's schema: Key "

    private static func values(_ count: Int) -> String {
        (0..<count).map { "'v\($0)'" }.joined(separator: ",")
    }

    @Test(arguments: [
        ("pk IN ['r','r']", overlap), ("pk='r' OR pk='r'", overlap), ("pk='r' AND (sk > '0' OR sk < '5')", overlap),
        ("pk='r' AND (sk='1' OR flag='two')", overlap), ("(pk='r' AND a='1') OR (pk='r' AND a='2')", overlap),
        ("pk = 'a' AND x = '1' OR pk = 'a' AND sk = '2'", overlap),
        ("pk = 'a' AND x <> '1' OR pk = 'a' AND sk = '2'", overlap),
        ("pk='r' AND (begins_with(sk, 'a') OR sk = 'ab')", overlap),
        ("pk='r' AND (sk <= '1' OR sk >= '1')", overlap),
        ("pk='r' AND NOT x = '1' OR pk='r' AND sk = '2'", overlap),
        ("pk='r' AND NOT sk = '1' OR pk='r' AND sk = '2' OR pk='r' AND sk <= '2'", overlap),
        ("pk = 1 OR pk = 'r'", type + "pk"), ("pk = 'r' AND sk IN ['1', 2]", type + "sk"),
        ("pk IN [\(values(51))]", tooMany), ("pk='r' AND sk IN [\(values(51))]", tooMany),
        ("pk IN [\(values(26))] AND sk IN ['1','2']", tooMany),
    ])
    func whereClausesThatCannotBeTakenApart(condition: String, message: String) throws {
        #expect(throws: StatementError(message)) { try plan(condition) }
    }

    @Test(arguments: [
        ("pk IN [\(values(50))] AND flag IN [\(values(100))]", 50), ("pk IN [\(values(51))] OR flag='one'", 1),
        ("pk='r' AND (begins_with(sk, 'a') OR sk = 'b' OR begins_with(sk, '\u{10FFFF}'))", 3),
        ("pk='r' AND ((sk > '1' AND sk >= '1') OR sk = '1')", 2),
        ("pk='r' AND ((sk < '1' AND sk <= '1' AND sk < '2') OR sk = '1')", 2),
        ("pk='r' AND ((sk >= '1' AND sk > '1' AND sk > '0') OR sk = '1')", 2),
        ("pk='r' AND (sk < '1' OR sk > '1')", 2), ("pk='r' AND (sk BETWEEN '1' AND '2' OR sk > '2')", 2),
    ])
    func manyQueriesAreTaken(condition: String, count: Int) throws {
        #expect(try plan(condition).count == count)
    }

    /// Alternatives of which one says what the sort key is not may find the same items, and are one query.
    @Test(arguments: [
        ("pk='r' AND NOT sk = '1' OR pk='r' AND sk = '2'", 1), ("pk='r' AND sk <> '1' OR pk='r' AND sk = '2'", 1),
        ("pk='r' AND '1' <> sk OR pk='r' AND sk = '2'", 1), ("pk='r' AND sk = '2' OR pk='r' AND NOT (sk = '1')", 1),
        ("pk='r' AND NOT begins_with(sk, 'x') OR pk='r' AND sk = '2'", 1),
        ("pk='r' AND NOT sk IN ['1', '3'] OR pk='r' AND sk = '2'", 1), ("pk='r' OR pk='r' AND NOT sk = '1'", 1),
        ("pk='r' AND NOT (sk > '1' AND NOT sk = '4') OR pk='r' AND sk = '2' OR pk='r' AND sk = '3'", 1),
        ("pk='r' AND NOT sk = '1' OR pk='s' AND sk = '2' OR pk='r' AND sk = '3' OR pk='s' AND sk = '4'", 3),
        ("pk='r' AND sk > '5' AND NOT sk = '7' OR pk='r' AND sk = '2'", 2),
    ])
    func negationsOfSortKeysMayOverlap(condition: String, count: Int) throws {
        #expect(try plan(condition).count == count)
    }

    @Test func keysOfSeveralAttributesAreRefused() {
        let two = [StatementKey.Attribute(name: "a", type: .string), .init(name: "b", type: .number)]
        for (partition, sort) in [(two, []), ([two[0]], two)] {
            #expect(throws: StatementError.multiAttributeKey) { try StatementKey(partition: partition, sort: sort) }
        }
    }

    @Test(arguments: [
        ("sk='1' AND pk='k'", ["k", "1"]), ("(sk='1') AND pk='k' AND pk='k'", ["k", "1"]),
        ("pk IN ['k'] AND sk IN ['1']", ["k", "1"]), ("(pk IN ['k']) AND pk='k' AND sk='2'", ["k", "2"]),
        ("pk='k' AND sk='1' AND flag='right'", nil), ("pk='k' AND sk='1' AND pk='other'", nil), ("pk='k'", nil),
        ("pk IN ['other'] AND pk='k' AND sk='1'", nil), ("pk='k' AND sk > '1'", nil), ("pk > 'k'", nil),
        ("pk IN ['k', 'l'] AND sk='1'", nil), ("pk='k' AND sk='1' AND attribute_exists(pk)", nil),
    ])
    func readsOfOneItem(condition: String, expected: [String]?) throws {
        try select("SELECT * FROM t WHERE \(condition)") {
            let found = try $0.itemKey(key())
            #expect(found?.map { $0.string ?? "?" } == expected)
        }
        try select("SELECT * FROM t") {
            let found = try $0.itemKey(key())
            #expect(found == nil)
        }
    }

    // MARK: ORDER BY

    @Test(arguments: [
        ("pk = 'o' ORDER BY sk DESC", false, true), ("pk = 'o' ORDER BY sk", false, false),
        ("pk = 'o' ORDER BY pk ASC", false, true), ("pk IN ['o', 'p'] ORDER BY pk DESC, sk ASC", true, false),
        ("pk IN ['o', 'p'] ORDER BY pk DESC", true, true),
    ])
    func ordersOfKeys(text: String, partitionIsDescending: Bool, sortIsDescending: Bool) throws {
        try select("SELECT * FROM t WHERE \(text)") {
            let order = try $0.readOrder(key(), $0.plan(key()))
            #expect(order?.partitionIsDescending == partitionIsDescending)
            #expect(order?.sortIsDescending == sortIsDescending)
        }
        try select("SELECT * FROM t WHERE pk = 'a'") {
            let order = try $0.readOrder(key(), $0.plan(key()))
            #expect(order == nil)
        }
    }

    @Test(arguments: [
        ("ORDER BY sk", "Must have WHERE clause in the statement when using ORDER BY clause."),
        ("WHERE pk = 'o' ORDER BY Total DESC", "Attribute Total in ORDER BY clause must be part of the primary key"),
        (
            "WHERE pk > 'a' ORDER BY sk",
            "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause."
        ),
        (
            "WHERE pk IN ['o', 'p'] ORDER BY sk DESC",
            "Must have hash key in ORDER BY clause when more than one hash key condition specified in WHERE clause."
        ),
    ])
    func ordersThatCannotBe(text: String, message: String) throws {
        try select("SELECT * FROM t \(text)") { select in
            #expect(throws: StatementError(message)) { try select.readOrder(key(), select.plan(key())) }
        }
    }

    // MARK: Writes and EXISTS

    private func keyed(_ condition: String, _ schema: StatementKey = key()) throws -> (key: [String], rest: String?) {
        let update = try Lab().parse("UPDATE t SET a = 1 " + condition)
        let delete = try Lab().parse("DELETE FROM t " + condition)
        guard case .update(let write) = update.body, case .delete(let other) = delete.body else { return ([], nil) }
        let keyed = try write.key(schema)
        let values = keyed.key.map { $0.string ?? $0.number?.description ?? "?" }
        let again = try other.key(schema)
        #expect(again.key.map { $0.string ?? $0.number?.description ?? "?" } == values)
        defer { withExtendedLifetime((update, delete)) {} }
        return (values, keyed.rest?.description)
    }

    @Test func writesAreOfOneItem() throws {
        #expect(try keyed("WHERE sk = '1' AND pk = 'a'").key == ["a", "1"])
        #expect(try keyed("WHERE sk = '1' AND pk = 'a'").rest == nil)
        #expect(try keyed("WHERE pk = 'a'", key("pk", nil)).key == ["a"])
        let grouped = try keyed("WHERE (pk='a' AND '1' = sk) AND flag='x' AND n > 1 AND pk = 'a'")
        #expect(grouped.key == ["a", "1"])
        #expect(grouped.rest == "(([flag] = {\"S\":\"x\"}) AND ([n] > {\"N\":\"1\"}))")
        #expect(try keyed("WHERE pk = 'a' AND sk = 1").key == ["a", "1"])
    }

    @Test(arguments: [
        "", "WHERE pk = 'a'", "WHERE name = 'a'", "WHERE pk = 'a' AND sk > '1'",
        "WHERE pk = 'a' AND (sk = '1' OR n = 1)",
        "WHERE pk IN ['a'] AND sk = '1'", "WHERE NOT pk = 'a' AND sk = '1'", "WHERE pk = sk AND sk = '1'",
        "WHERE pk.x = 'a' AND sk = '1'",
    ])
    func writesWithoutAWholeKey(condition: String) throws {
        #expect(
            throws: StatementError("Where clause does not contain a mandatory equality on all key attributes")
        ) { try keyed(condition) }
    }

    @Test func writesOfTwoKeys() throws {
        let message = "Multiple conditions on same key pk. Only single item Update/Insert/Delete are supported"
        #expect(throws: StatementError(message)) { try keyed("WHERE pk='a' AND sk='1' AND pk='b'") }
    }

    @Test(arguments: [
        ("pk='a' AND sk='1' AND flag='x'", "([flag] = {\"S\":\"x\"})"),
        ("pk='a' AND sk='1' AND pk='b' AND n IS NULL", "(([pk] = {\"S\":\"b\"}) AND type([n], NULL))"),
        ("(pk='a' AND sk='1') AND nope IS MISSING", "missing([nope])"),
    ])
    func existenceIsOfOneItem(condition: String, rest: String) throws {
        try select("EXISTS(SELECT * FROM t WHERE \(condition))") {
            let keyed = try $0.existence(key())
            #expect(keyed.key.map { $0.string ?? "?" } == ["a", "1"])
            #expect(keyed.rest?.description == rest)
        }
    }

    @Test(arguments: ["pk='a' AND sk='1'", "pk='a' AND flag='x'", "pk IN ['a'] AND sk='1' AND flag='x'", "flag='x'"])
    func existenceOfLessOrMore(condition: String) throws {
        try select("EXISTS(SELECT * FROM t WHERE \(condition))") { select in
            #expect(
                throws: StatementError("EXISTS() must contain a single item read with additional condition")
            ) { try select.existence(key()) }
        }
    }
}
