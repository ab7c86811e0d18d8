package main

import (
	"math/big"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// A thread has a member of each kind that an attribute can be.
type thread struct {
	Forum    string         `dynamodbav:"forum"`
	Subject  string         `dynamodbav:"subject"`
	Author   string         `dynamodbav:"author,omitempty"`
	Views    int            `dynamodbav:"views"`
	Score    float64        `dynamodbav:"score,omitempty"`
	Pinned   bool           `dynamodbav:"pinned"`
	Body     []byte         `dynamodbav:"body,omitempty"`
	Tags     []string       `dynamodbav:"tags,stringset,omitempty"`
	Ratings  []int          `dynamodbav:"ratings,numberset,omitempty"`
	Answers  []answer       `dynamodbav:"answers,omitempty"`
	Counts   map[string]int `dynamodbav:"counts,omitempty"`
	Written  time.Time      `dynamodbav:"written"`
	Until    time.Time      `dynamodbav:"until,unixtime"`
	Previous *answer        `dynamodbav:"previous"`
}

type answer struct {
	Author string `dynamodbav:"author"`
	Text   string `dynamodbav:"text"`
}

// item is what a thread is sent as.
func (thread thread) item() map[string]types.AttributeValue {
	return must(attributevalue.MarshalMap(thread))
}

// read is the thread that an answered item is.
func read(item map[string]types.AttributeValue) (read thread) {
	if err := attributevalue.UnmarshalMap(item, &read); err != nil {
		fail("%v", err)
	}
	return read
}

func key(forum, subject string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		"forum": &types.AttributeValueMemberS{Value: forum}, "subject": &types.AttributeValueMemberS{Value: subject}}
}

func (lab *lab) put(thread thread) *dynamodb.PutItemOutput {
	return must(lab.dynamo.PutItem(lab.context, &dynamodb.PutItemInput{
		TableName: &lab.name, Item: thread.item(), ReturnValues: types.ReturnValueAllOld,
		ReturnConsumedCapacity: types.ReturnConsumedCapacityIndexes}))
}

func (lab *lab) get(forum, subject string) map[string]types.AttributeValue {
	return must(lab.dynamo.GetItem(lab.context, &dynamodb.GetItemInput{
		TableName: &lab.name, Key: key(forum, subject), ConsistentRead: aws.Bool(true)})).Item
}

func items(lab *lab) {
	newTable(lab)
	first := thread{
		Forum: "go", Subject: "Generics — 汎用", Author: "ann", Views: 7, Score: 0.1, Pinned: true,
		Body: []byte{0, 255, 1}, Tags: []string{"a", "b"}, Ratings: []int{-1, 5},
		Answers: []answer{{"bob", ""}, {"cyd", "\x00\u2028\U0001F600"}},
		Counts:  map[string]int{"up": 3}, Written: time.Unix(1700000000, 5).UTC(), Until: time.Unix(4000000000, 0)}
	put := lab.put(first)
	equal("old", len(put.Attributes), 0)
	equal("units", *put.ConsumedCapacity.CapacityUnits, 3.0)
	equal("units of the table", *put.ConsumedCapacity.Table.CapacityUnits, 1.0)
	equal("units of the index", *put.ConsumedCapacity.GlobalSecondaryIndexes["by-author"].CapacityUnits, 1.0)
	equal("units of the local index", *put.ConsumedCapacity.LocalSecondaryIndexes["by-views"].CapacityUnits, 1.0)
	equal("item", read(lab.get(first.Forum, first.Subject)), first)
	equal("old", read(lab.put(first).Attributes), first)
	equal("none", len(lab.get("go", "none")), 0)

	// A number of 38 digits goes there and back as it is, and becomes no float on its way.
	large, _ := new(big.Int).SetString("12345678901234567890123456789012345678", 10)
	answers, down := expression.Name("answers"), expression.Name("counts.down")
	change := expression.
		Set(answers, expression.ListAppend(answers, expression.Value([]answer{{"dan", "me too"}}))).
		Set(down, expression.IfNotExists(down, expression.Value(1))).
		Set(expression.Name("large"), expression.Value(attributevalue.Number(large.String()))).
		Add(expression.Name("views"), expression.Value(3)).
		Delete(expression.Name("tags"), expression.Value(&types.AttributeValueMemberSS{Value: []string{"a"}})).
		Remove(expression.Name("score"))
	built := must(expression.NewBuilder().WithUpdate(change).Build())
	updated := must(lab.dynamo.UpdateItem(lab.context, &dynamodb.UpdateItemInput{
		TableName: &lab.name, Key: key(first.Forum, first.Subject), UpdateExpression: built.Update(),
		ExpressionAttributeNames: built.Names(), ExpressionAttributeValues: built.Values(),
		ReturnValues: types.ReturnValueAllNew}))
	expected := first
	expected.Answers = append(append([]answer{}, first.Answers...), answer{"dan", "me too"})
	expected.Counts = map[string]int{"up": 3, "down": 1}
	expected.Views, expected.Tags, expected.Score = 10, []string{"b"}, 0
	equal("updated", read(updated.Attributes), expected)
	equal("large", updated.Attributes["large"].(*types.AttributeValueMemberN).Value, large.String())

	shape := must(expression.NewBuilder().WithProjection(
		expression.NamesList(expression.Name("answers[1].author"), expression.Name("counts.down"))).Build())
	part := must(lab.dynamo.GetItem(lab.context, &dynamodb.GetItemInput{
		TableName: &lab.name, Key: key(first.Forum, first.Subject), ProjectionExpression: shape.Projection(),
		ExpressionAttributeNames: shape.Names(), ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal}))
	equal("part", read(part.Item), thread{Answers: []answer{{Author: "cyd"}}, Counts: map[string]int{"down": 1}})
	equal("units of an eventual read", *part.ConsumedCapacity.CapacityUnits, 0.5)

	deleted := must(lab.dynamo.DeleteItem(lab.context, &dynamodb.DeleteItemInput{
		TableName: &lab.name, Key: key(first.Forum, first.Subject), ReturnValues: types.ReturnValueAllOld}))
	equal("deleted", read(deleted.Attributes), expected)
	equal("after", len(lab.get(first.Forum, first.Subject)), 0)
}

func conditions(lab *lab) {
	newTable(lab)
	lab.put(thread{Forum: "go", Subject: "a", Author: "ann", Views: 5})
	put := func(condition expression.ConditionBuilder, views int) (*dynamodb.PutItemOutput, error) {
		built := must(expression.NewBuilder().WithCondition(condition).Build())
		return lab.dynamo.PutItem(lab.context, &dynamodb.PutItemInput{
			TableName: &lab.name, Item: thread{Forum: "go", Subject: "a", Views: views}.item(),
			ConditionExpression: built.Condition(), ExpressionAttributeNames: built.Names(),
			ExpressionAttributeValues: built.Values()})
	}
	views, author := expression.Name("views"), expression.Name("author")
	for _, condition := range []expression.ConditionBuilder{
		expression.AttributeNotExists(expression.Name("forum")),
		views.GreaterThan(expression.Value(5)).Or(author.Equal(expression.Value("bob"))),
		views.In(expression.Value(1), expression.Value("5")),
		expression.Not(author.BeginsWith("a").And(views.Between(expression.Value(5), expression.Value(5)))),
		author.Size().NotEqual(expression.Value(3)),
		expression.AttributeType(views, expression.String),
		expression.Contains(author, "z"),
	} {
		failed := refused[*types.ConditionalCheckFailedException](put(condition, 0))
		equal("message", failed.ErrorMessage(), "The conditional request failed")
		equal("code", failed.ErrorCode(), "ConditionalCheckFailedException")
	}
	equal("unchanged", read(lab.get("go", "a")).Views, 5)
	must(put(author.BeginsWith("a").And(views.Between(expression.Value(5), expression.Value(5))), 6))
	equal("changed", read(lab.get("go", "a")).Views, 6)

	// What has no type of its own is an APIError with its code.
	wrong := refused[smithy.APIError](lab.dynamo.GetItem(
		lab.context, &dynamodb.GetItemInput{TableName: &lab.name, Key: key("", "a")}))
	equal("code", wrong.ErrorCode(), "ValidationException")
	equal("message", wrong.ErrorMessage(), "One or more parameter values are not valid. The AttributeValue for a key "+
		"attribute cannot contain an empty string value. Key: forum")
}
