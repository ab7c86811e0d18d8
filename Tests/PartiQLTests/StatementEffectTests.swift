import Expressions
import PartiQL
import Testing

/// What conditions and updates of statements do to an item.
struct StatementEffectTests {
    private static let item = #"""
        {"pk":{"S":"k"},"n":{"N":"1"},"flag":{"S":"right"},"yes":{"BOOL":true},"nul":{"NULL":true},
         "Address":{"S":"7834 24th Kirkland"},"tags":{"SS":["a","b"]},"m":{"M":{"x":{"S":"y"}}},"l":{"L":[{"S":"a"}]}}
        """#

    @Test(arguments: [
        "attribute_exists(m.x) AND ATTRIBUTE_NOT_EXISTS (nope) AND attribute_exists(l[0])",
        "attribute_exists(nope) = false", "true = attribute_exists(n)", "attribute_exists(n) <> 1",
        "contains(nope, 'z') = false", "(n BETWEEN 0 AND 5) = true", "(n = 5 OR flag = 'x') = false",
        "attribute_exists(nope) IN [true, false]", "attribute_exists(n) = attribute_exists(flag)",
        "attribute_exists(n) = yes", "n = - - 1", "n BETWEEN - 2 AND +5 AND n IN [- 1, 1]", "n > -5", "n = 1.0",
        "contains(\"Address\", 'Kirkland')", "contains(tags, 'a')", "attribute_type(n, 'N')", "size(\"Address\") > 10",
        "n != 400", "nul IS NULL", "n IS NOT NULL", "absent IS NOT NULL", "nul = NULL", "absent IS MISSING",
        "n IS NOT MISSING", "NOT begins_with(flag, 'wr')", "absent <> 1", "NOT absent = 1", "tags = <<'b', 'a'>>",
        "yes IS BOOL", "flag IS STRING", "flag IS NOT BOOLEAN",
        "m = {'x': 'y'} AND l = ['a']", "n IN (0, 1)", "n NOT IN (0, 2)", "flag NOT BETWEEN 'a' AND 'b'",
    ])
    func conditionsThatHold(text: String) throws {
        #expect(try Lab(Self.item).holds(text))
    }

    @Test(arguments: [
        "(attribute_exists(nope) OR NOT attribute_exists(\"m\"))", "attribute_exists(n) = 1",
        "NOT attribute_exists(n) = true", "(attribute_exists(n) = true) = false", "attribute_exists(n) = flag",
        "n > -/* c */-1", "absent IS NULL", "nul IS NOT NULL", "nul IS MISSING", "absent = 1", "absent > 1",
        "n = 'a'", "l = ['b']", "n IN ('1')", "flag IS BOOL", "absent IS STRING",
    ])
    func conditionsThatDoNotHold(text: String) throws {
        #expect(try !Lab(Self.item).holds(text))
    }

    private static let music =
        #"{"AwardDetail":{"M":{"Grammys":{"L":[{"N":"2020"},{"N":"2018"}]}}},"#
        + #""BandMembers":{"SS":["member1","member2"]},"Number":{"N":"5"},"Only":{"SS":["only"]}}"#

    @Test(
        arguments: [
            (
                "SET AwardDetail.Grammys = list_append(AwardDetail.Grammys, [2016])", #"{"N":"2018"}"#,
                #"{"N":"2018"},{"N":"2016"}"#
            ),
            (
                "SET AwardDetail.Grammys = list_append([2010], AwardDetail.Grammys)", #"{"N":"2020"}"#,
                #"{"N":"2010"},{"N":"2020"}"#
            ),
            ("REMOVE AwardDetail.Grammys[0]", #"{"N":"2020"},"#, ""),
            ("SET BandMembers = set_add(BandMembers, <<'new'>>)", #""member2""#, #""member2","new""#),
            ("SET BandMembers = set_delete(BandMembers, <<'member1'>>)", #""member1","#, ""),
            ("SET Fresh = set_add(Fresh, <<'m'>>)", #""Number""#, #""Fresh":{"SS":["m"]},"Number""#),
            ("SET Only = set_delete(Only, <<'only'>>)", #","Only":{"SS":["only"]}"#, ""),
            ("SET Number=Number-1", #""N":"5""#, #""N":"4""#), ("SET Number = 1 - Number", #""N":"5""#, #""N":"-4""#),
            ("SET Number = Number - - 2", #""N":"5""#, #""N":"7""#),
            ("SET Number = Number + 1 + 2", #""N":"5""#, #""N":"8""#),
            ("SET Only = Number SET Number = 9", #""N":"5"},"Only":{"SS":["only"]}"#, #""N":"9"},"Only":{"N":"5"}"#),
            ("SET AwardDetail.BillBoard=[2020]", #""Grammys""#, #""BillBoard":{"L":[{"N":"2020"}]},"Grammys""#),
        ])
    func updatesChangeWhatTheySay(text: String, before: String, after: String) throws {
        var expected = Self.music
        guard let range = expected.firstRange(of: before) else {
            Issue.record("\(before) is not in the item")
            return
        }
        expected.replaceSubrange(range, with: after)
        #expect(try Lab(Self.music).updated(text) == expected)
    }

    @Test(arguments: [
        (
            "SET NoList = list_append(NoList, [1])",
            "The provided expression refers to an attribute that does not exist in the item"
        ),
        (
            "SET BandMembers = set_add(BandMembers, <<1>>)",
            "An operand in the update expression has an incorrect data type"
        ),
        ("SET Number = set_add(Number, <<'x'>>)", "An operand in the update expression has an incorrect data type"),
        ("SET Number = set_delete(Number, <<'x'>>)", "An operand in the update expression has an incorrect data type"),
    ])
    func updatesThatDoNotFitTheItem(text: String, message: String) throws {
        #expect(throws: ExpressionError(message)) { try Lab(Self.music).updated(text) }
    }
}
