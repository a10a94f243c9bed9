import 'p';
