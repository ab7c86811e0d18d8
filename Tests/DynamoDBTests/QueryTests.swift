import Foundation
import Testing

@testable import DynamoDB

@Suite struct QueryTests {
    /// A global index on `g` and `h`, of which many items have the same values.
    private static let index = """
        ,"GlobalSecondaryIndexes":[{"IndexName":"idx","KeySchema":[{"AttributeName":"g","KeyType":"HASH"},
        {"AttributeName":"h","KeyType":"RANGE"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}]
        """
    private static let attributes =
        #",{"AttributeName":"g","AttributeType":"S"},{"AttributeName":"h","AttributeType":"N"}"#

    @Test func tiesInAnIndexArePagedThroughExactlyOnce() async throws {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable(sort: "N", more: Self.index, attributes: Self.attributes)
        for number in 0..<20 {
            try await lab.put(
                #""p":{"S":"p\#(number % 3)"},"s":{"N":"\#(number)"},"g":{"S":"g"},"h":{"N":"\#(number / 10)"}"#)
        }
        for isForward in [true, false] {
            var seen: [String] = []
            var start = ""
            while true {
                let answer = try await lab.call(
                    .query,
                    """
                    {"TableName":"tab","IndexName":"idx","KeyConditionExpression":"g = :g","Limit":3,
                     "ScanIndexForward":\(isForward),"ExpressionAttributeValues":{":g":{"S":"g"}}\(start)}
                    """)
                seen += answer.split(separator: #""s":{"N":""#).dropFirst().map { String($0.prefix { $0 != "\"" }) }
                guard let range = answer.range(of: #""LastEvaluatedKey":"#) else { break }
                // The last key is a copy of the page's last item.
                seen.removeLast()
                start = #","ExclusiveStartKey":"# + answer[range.upperBound...].dropLast()
            }
            #expect(seen.count == 20 && Set(seen).count == 20)
        }
    }
}
