// A bot that stops: two threads take two monitors in opposite order.
public class Deadlock {
  static final Object budget = new Object();
  static final Object state = new Object();

  static void both(Object first, Object second) {
    synchronized (first) {
      try {
        Thread.sleep(200);
      } catch (InterruptedException error) {
        return;
      }
      synchronized (second) {
        System.out.println("both");
      }
    }
  }

  public static void main(String[] words) {
    System.out.println("round 1");
    new Thread(() -> both(state, budget), "saver").start();
    new Thread(() -> both(budget, state), "engine").start();
  }
}
