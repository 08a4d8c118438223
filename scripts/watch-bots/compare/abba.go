// Ten goroutines: two in a circle of two locks, seven idle, and the main one.
package main

import "sync"

var first, second sync.Mutex
var both, idle sync.WaitGroup

func cross(mine, other *sync.Mutex) {
	mine.Lock()
	defer mine.Unlock()
	both.Done()
	both.Wait()
	other.Lock()
	defer other.Unlock()
}

func main() {
	both.Add(2)
	idle.Add(1)
	for i := 0; i < 7; i++ {
		go idle.Wait()
	}
	go cross(&first, &second)
	go cross(&second, &first)
	idle.Wait()
}
