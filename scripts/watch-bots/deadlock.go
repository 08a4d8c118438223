// A bot that stops: two goroutines take two locks in opposite order.
package main

import (
	"fmt"
	"sync"
	"time"
)

var budget, state sync.Mutex

func save() {
	state.Lock()
	defer state.Unlock()
	time.Sleep(200 * time.Millisecond)
	budget.Lock()
	defer budget.Unlock()
}

func trade() {
	budget.Lock()
	defer budget.Unlock()
	time.Sleep(200 * time.Millisecond)
	state.Lock()
	defer state.Unlock()
}

func main() {
	fmt.Println("round 1")
	go save()
	go trade()
	time.Sleep(time.Hour)
}
