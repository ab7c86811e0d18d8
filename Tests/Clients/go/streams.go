package main

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodbstreams/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

const streamPatience = 30 * time.Second

func streams(lab *lab) {
	newTable(lab)
	lab.put(thread{Forum: "go", Subject: "a", Views: 1})
	lab.put(thread{Forum: "go", Subject: "a", Views: 2})
	must(lab.dynamo.DeleteItem(lab.context, &dynamodb.DeleteItemInput{TableName: &lab.name, Key: key("go", "a")}))

	listed := must(lab.streams.ListStreams(lab.context, &dynamodbstreams.ListStreamsInput{TableName: &lab.name}))
	equal("streams", len(listed.Streams), 1)
	described := must(lab.streams.DescribeStream(
		lab.context, &dynamodbstreams.DescribeStreamInput{StreamArn: listed.Streams[0].StreamArn})).StreamDescription
	equal("status", described.StreamStatus, types.StreamStatusEnabled)

	found := []types.Record{}
	until := time.Now().Add(streamPatience)
	for _, shard := range described.Shards {
		iterator := must(lab.streams.GetShardIterator(lab.context, &dynamodbstreams.GetShardIteratorInput{
			StreamArn: described.StreamArn, ShardId: shard.ShardId,
			ShardIteratorType: types.ShardIteratorTypeTrimHorizon})).ShardIterator
		for iterator != nil && len(found) < 3 && time.Now().Before(until) {
			page := must(lab.streams.GetRecords(
				lab.context, &dynamodbstreams.GetRecordsInput{ShardIterator: iterator, Limit: aws.Int32(2)}))
			found = append(found, page.Records...)
			iterator = page.NextShardIterator
		}
	}
	equal("records", len(found), 3)
	names := []types.OperationType{}
	for index, record := range found {
		names = append(names, record.EventName)
		equal("source", value(record.EventSource), "aws:dynamodb")
		equal("region", value(record.AwsRegion), region)
		equal("subject", record.Dynamodb.Keys["subject"].(*types.AttributeValueMemberS).Value, "a")
		if index > 0 && *found[index-1].Dynamodb.SequenceNumber >= *record.Dynamodb.SequenceNumber {
			fail("the records are not in their order")
		}
	}
	equal("events", names, []types.OperationType{
		types.OperationTypeInsert, types.OperationTypeModify, types.OperationTypeRemove})
	before, after := thread{}, thread{}
	must(0, attributevalue.UnmarshalMap(found[1].Dynamodb.OldImage, &before))
	must(0, attributevalue.UnmarshalMap(found[1].Dynamodb.NewImage, &after))
	equal("images", []int{before.Views, after.Views}, []int{1, 2})
	refused[*types.ResourceNotFoundException](lab.streams.DescribeStream(
		lab.context, &dynamodbstreams.DescribeStreamInput{StreamArn: str(*described.StreamArn + "9")}))
}
