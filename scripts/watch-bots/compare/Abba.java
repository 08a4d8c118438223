// Ten threads: two in a circle of two monitors, seven idle, and the main one.
import java.util.concurrent.CountDownLatch;

public class Abba {
  static final Object first = new Object();
  static final Object second = new Object();
  static final CountDownLatch both = new CountDownLatch(2);
  static final CountDownLatch idle = new CountDownLatch(1);

  static void rest() {
    try {
      idle.await();
    } catch (InterruptedException error) {
      return;
    }
  }

  static void cross(Object mine, Object other) {
    synchronized (mine) {
      both.countDown();
      try {
        both.await();
      } catch (InterruptedException error) {
        return;
      }
      synchronized (other) {
        System.out.println("both");
      }
    }
  }

  public static void main(String[] words) {
    for (int i = 0; i < 7; i++) new Thread(Abba::rest, "idle-" + i).start();
    new Thread(() -> cross(first, second), "engine-a").start();
    new Thread(() -> cross(second, first), "engine-b").start();
    rest();
  }
}
