package main

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// schema is the key of a table or an index.
func schema(partition, sort string) []types.KeySchemaElement {
	return []types.KeySchemaElement{
		{AttributeName: str(partition), KeyType: types.KeyTypeHash},
		{AttributeName: str(sort), KeyType: types.KeyTypeRange}}
}

// newTable makes a table of a forum's threads with an index of each kind and a stream, and waits as applications do.
func newTable(lab *lab) *dynamodb.CreateTableInput {
	text, number := types.ScalarAttributeTypeS, types.ScalarAttributeTypeN
	all := &types.Projection{ProjectionType: types.ProjectionTypeAll}
	request := &dynamodb.CreateTableInput{
		TableName: str(lab.name), KeySchema: schema("forum", "subject"), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: str("forum"), AttributeType: text}, {AttributeName: str("subject"), AttributeType: text},
			{AttributeName: str("author"), AttributeType: text}, {AttributeName: str("views"), AttributeType: number}},
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{
			{IndexName: str("by-author"), KeySchema: schema("author", "views"), Projection: all}},
		LocalSecondaryIndexes: []types.LocalSecondaryIndex{
			{IndexName: str("by-views"), KeySchema: schema("forum", "views"), Projection: all}},
		StreamSpecification: &types.StreamSpecification{
			StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeNewAndOldImages},
		Tags: []types.Tag{{Key: str("made-by"), Value: str("go")}},
	}
	created := must(lab.dynamo.CreateTable(lab.context, request))
	equal("status", created.TableDescription.TableStatus, types.TableStatusCreating)
	waiter := dynamodb.NewTableExistsWaiter(lab.dynamo, func(options *dynamodb.TableExistsWaiterOptions) {
		options.MinDelay = 50 * time.Millisecond
	})
	described := &dynamodb.DescribeTableInput{TableName: request.TableName}
	if err := waiter.Wait(lab.context, described, time.Minute); err != nil {
		fail("%v", err)
	}
	return request
}

func tables(lab *lab) {
	made := newTable(lab)
	name := made.TableName
	table := must(lab.dynamo.DescribeTable(lab.context, &dynamodb.DescribeTableInput{TableName: name})).Table
	equal("status", table.TableStatus, types.TableStatusActive)
	equal("key", table.KeySchema, made.KeySchema)
	equal("billing", table.BillingModeSummary.BillingMode, types.BillingModePayPerRequest)
	equal("index", table.GlobalSecondaryIndexes[0].IndexStatus, types.IndexStatusActive)
	equal("view", table.StreamSpecification.StreamViewType, types.StreamViewTypeNewAndOldImages)
	if age := time.Since(*table.CreationDateTime); age < -time.Minute || age > time.Minute {
		fail("created at %v", table.CreationDateTime)
	}
	tags := must(lab.dynamo.ListTagsOfResource(
		lab.context, &dynamodb.ListTagsOfResourceInput{ResourceArn: table.TableArn}))
	equal("tags", tags.Tags, made.Tags)

	inUse := refused[*types.ResourceInUseException](lab.dynamo.CreateTable(lab.context, made))
	equal("code", inUse.ErrorCode(), "ResourceInUseException")
	equal("fault", inUse.ErrorFault(), smithy.FaultClient)

	found := false
	pages := dynamodb.NewListTablesPaginator(lab.dynamo, &dynamodb.ListTablesInput{Limit: aws.Int32(1)})
	for pages.HasMorePages() {
		for _, listed := range must(pages.NextPage(lab.context)).TableNames {
			found = found || listed == *name
		}
	}
	equal("listed", found, true)

	timeToLive := &types.TimeToLiveSpecification{AttributeName: str("until"), Enabled: aws.Bool(true)}
	must(lab.dynamo.UpdateTimeToLive(
		lab.context, &dynamodb.UpdateTimeToLiveInput{TableName: name, TimeToLiveSpecification: timeToLive}))
	lives := must(lab.dynamo.DescribeTimeToLive(lab.context, &dynamodb.DescribeTimeToLiveInput{TableName: name}))
	equal("time to live", *lives.TimeToLiveDescription.AttributeName, "until")

	must(lab.dynamo.DeleteTable(lab.context, &dynamodb.DeleteTableInput{TableName: name}))
	waiter := dynamodb.NewTableNotExistsWaiter(lab.dynamo)
	if err := waiter.Wait(lab.context, &dynamodb.DescribeTableInput{TableName: name}, time.Minute); err != nil {
		fail("%v", err)
	}
	gone := refused[*types.ResourceNotFoundException](
		lab.dynamo.DescribeTable(lab.context, &dynamodb.DescribeTableInput{TableName: name}))
	equal("message", gone.ErrorMessage(), "Requested resource not found: Table: "+*name+" not found")
}
