package main

import (
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// invalid holds that a call was refused with a ValidationException and this message.
func invalid(message string, err error) {
	wrong := refused[smithy.APIError](0, err)
	equal("code", wrong.ErrorCode(), "ValidationException")
	equal("message", wrong.ErrorMessage(), message)
}

// addViews is a part of a transaction that counts a thread's views up.
func (lab *lab) addViews(subject string, views int) types.TransactWriteItem {
	built := must(expression.NewBuilder().WithUpdate(
		expression.Add(expression.Name("views"), expression.Value(views))).Build())
	return types.TransactWriteItem{Update: &types.Update{
		TableName: &lab.name, Key: key("go", subject), UpdateExpression: built.Update(),
		ExpressionAttributeNames: built.Names(), ExpressionAttributeValues: built.Values()}}
}

func transactions(lab *lab) {
	newTable(lab)
	lab.put(thread{Forum: "go", Subject: "a", Author: "ann", Views: 5})
	write := func(token *string, parts ...types.TransactWriteItem) (*dynamodb.TransactWriteItemsOutput, error) {
		return lab.dynamo.TransactWriteItems(lab.context, &dynamodb.TransactWriteItemsInput{
			TransactItems: parts, ClientRequestToken: token, ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal})
	}
	absent := must(expression.NewBuilder().WithCondition(
		expression.AttributeNotExists(expression.Name("forum"))).Build())
	check := func(subject string) types.TransactWriteItem {
		return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
			TableName: &lab.name, Key: key("go", subject), ConditionExpression: absent.Condition(),
			ExpressionAttributeNames:            absent.Names(),
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld}}
	}
	put := types.TransactWriteItem{Put: &types.Put{
		TableName: &lab.name, Item: thread{Forum: "go", Subject: "b", Views: 1}.item()}}

	canceled := refused[*types.TransactionCanceledException](write(nil, put, check("a"), lab.addViews("c", 1)))
	equal("message", canceled.ErrorMessage(), "Transaction cancelled, please refer cancellation reasons for specific "+
		"reasons [None, ConditionalCheckFailed, None]")
	codes := []string{}
	for _, reason := range canceled.CancellationReasons {
		codes = append(codes, value(reason.Code)+": "+value(reason.Message))
	}
	equal("reasons", codes, []string{"None: ", "ConditionalCheckFailed: The conditional request failed", "None: "})
	equal("item of the reason", read(canceled.CancellationReasons[1].Item).Views, 5)
	equal("nothing was written", len(lab.get("go", "b"))+len(lab.get("go", "c")), 0)

	token := str("a token of at most 36 characters")
	written := must(write(token, put, check("d"), lab.addViews("a", 2)))
	// Twice for being a transaction: the new item and its entry in one index; the check; the changed item, and two for
	// each index whose entry moves.
	equal("units", *written.ConsumedCapacity[0].CapacityUnits, 2.0*((1+1)+1+(1+2+2)))
	again := must(write(token, put, check("d"), lab.addViews("a", 2)))
	equal("units of a repetition", value(again.ConsumedCapacity[0].ReadCapacityUnits), 6.0)
	equal("written by it", value(again.ConsumedCapacity[0].WriteCapacityUnits), 0.0)
	equal("counted once", read(lab.get("go", "a")).Views, 7)
	refused[*types.IdempotentParameterMismatchException](write(token, lab.addViews("a", 3)))
	_, err := write(nil, lab.addViews("a", 1), check("a"))
	invalid("Transaction request cannot include multiple operations on one item", err)

	shape := must(expression.NewBuilder().WithProjection(
		expression.NamesList(expression.Name("subject"), expression.Name("views"))).Build())
	gets := []types.TransactGetItem{}
	for _, subject := range []string{"b", "none", "a"} {
		gets = append(gets, types.TransactGetItem{Get: &types.Get{
			TableName: &lab.name, Key: key("go", subject), ProjectionExpression: shape.Projection(),
			ExpressionAttributeNames: shape.Names()}})
	}
	together := must(lab.dynamo.TransactGetItems(lab.context, &dynamodb.TransactGetItemsInput{
		TransactItems: gets, ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal}))
	equal("first", read(together.Responses[0].Item), thread{Subject: "b", Views: 1})
	equal("none", len(together.Responses[1].Item), 0)
	equal("last", read(together.Responses[2].Item), thread{Subject: "a", Views: 7})
	equal("units", *together.ConsumedCapacity[0].CapacityUnits, 6.0)
}
