@testable import DynamoDB

/// Requests that nobody wrote, read and not carried out: many a second.
///
/// A text is an operation's name and its JSON.
enum ShapeFuzz {
    /// Reads a request. Returns whether it was one that may be carried out.
    @discardableResult
    static func read(_ text: UnsafeRawBufferPointer) -> Bool {
        guard let space = text.firstIndex(of: UInt8(ascii: " ")) else { return false }
        let name = String(decoding: text[..<space], as: UTF8.self)
        guard let operation = DynamoDBOperation(rawValue: name), let reader = readers[operation] else { return false }
        return reader(UnsafeRawBufferPointer(rebasing: text[(space + 1)...]))
    }

    private typealias Reader = @Sendable (UnsafeRawBufferPointer) -> Bool

    private static func reader<Input: APIInput>(_ input: Input.Type) -> Reader {
        { bytes in
            do throws(DynamoDBError) {
                _ = try RequestInput<Input>(reading: bytes)
                return true
            } catch {
                precondition(error.code.status == 400, "A request that cannot be read is a defect: \(error)")
                return false
            }
        }
    }

    /// How the requests of each operation are read: those of DescribeEndpoints are not.
    private static let readers: [DynamoDBOperation: Reader] = [
        .batchExecuteStatement: reader(API.BatchExecuteStatementInput.self),
        .batchGetItem: reader(API.BatchGetItemInput.self),
        .batchWriteItem: reader(API.BatchWriteItemInput.self),
        .createBackup: reader(API.CreateBackupInput.self),
        .createTable: reader(API.CreateTableInput.self),
        .deleteBackup: reader(API.DeleteBackupInput.self),
        .deleteItem: reader(API.DeleteItemInput.self),
        .deleteTable: reader(API.DeleteTableInput.self),
        .describeBackup: reader(API.DescribeBackupInput.self),
        .describeContinuousBackups: reader(API.DescribeContinuousBackupsInput.self),
        .describeExport: reader(API.DescribeExportInput.self),
        .describeImport: reader(API.DescribeImportInput.self),
        .describeLimits: reader(API.DescribeLimitsInput.self),
        .describeStream: reader(API.DescribeStreamInput.self),
        .describeTable: reader(API.DescribeTableInput.self),
        .describeTimeToLive: reader(API.DescribeTimeToLiveInput.self),
        .executeStatement: reader(API.ExecuteStatementInput.self),
        .executeTransaction: reader(API.ExecuteTransactionInput.self),
        .exportTableToPointInTime: reader(API.ExportTableToPointInTimeInput.self),
        .getItem: reader(API.GetItemInput.self),
        .getRecords: reader(API.GetRecordsInput.self),
        .getShardIterator: reader(API.GetShardIteratorInput.self),
        .importTable: reader(API.ImportTableInput.self),
        .listBackups: reader(API.ListBackupsInput.self),
        .listExports: reader(API.ListExportsInput.self),
        .listImports: reader(API.ListImportsInput.self),
        .listStreams: reader(API.ListStreamsInput.self),
        .listTables: reader(API.ListTablesInput.self),
        .listTagsOfResource: reader(API.ListTagsOfResourceInput.self),
        .putItem: reader(API.PutItemInput.self),
        .query: reader(API.QueryInput.self),
        .restoreTableFromBackup: reader(API.RestoreTableFromBackupInput.self),
        .restoreTableToPointInTime: reader(API.RestoreTableToPointInTimeInput.self),
        .scan: reader(API.ScanInput.self),
        .tagResource: reader(API.TagResourceInput.self),
        .transactGetItems: reader(API.TransactGetItemsInput.self),
        .transactWriteItems: reader(API.TransactWriteItemsInput.self),
        .untagResource: reader(API.UntagResourceInput.self),
        .updateContinuousBackups: reader(API.UpdateContinuousBackupsInput.self),
        .updateItem: reader(API.UpdateItemInput.self),
        .updateTable: reader(API.UpdateTableInput.self),
        .updateTimeToLive: reader(API.UpdateTimeToLiveInput.self),
    ]

    /// A request of every operation.
    static var seeds: [String] { RequestFuzz.seeds.flatMap { $0.split(separator: "\n").map(String.init) } }
}
