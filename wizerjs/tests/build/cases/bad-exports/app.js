import 'p/a';
import 'p/b';
import 'p';
